package io.millrace.server.observability;

/** Every metric of the server: its name, what it counts, and in what unit. */
public enum Meter {
  CONNECTIONS("millrace.connections", "Open client connections"),
  HTTP_STREAMS("millrace.http.streams", "Open streams of Server-Sent Events"),
  CLUSTER_NODES("millrace.cluster.nodes", "Nodes that this one forms a cluster with, and itself"),
  CLUSTER_SAFE(
      "millrace.cluster.safe", "1 when every record of this node is where it has to be, else 0"),
  DELIVERIES("millrace.deliveries", "Record changes handed to connections"),
  CONFLATIONS(
      "millrace.conflations", "Record changes that a slow reader gets as part of a newer state"),
  CLUSTER_MINORITY(
      "millrace.cluster.minority", "1 while so few nodes are seen that writes are refused, else 0"),
  RECONCILED("millrace.reconciled", "Followed records compared with their owner after a loss"),
  REPAIRED("millrace.repaired", "Followed records of which the owner had something else"),
  EVENTS_DELIVERED("millrace.events.delivered", "Events handed to connections"),
  EVENTS_DROPPED("millrace.events.dropped", "Events that were too much for a slow reader"),
  RPC_CALLS("millrace.rpc.calls", "Remote procedure calls made"),
  RPC_OPEN("millrace.rpc.open", "Remote procedure calls that wait for their answer"),
  RPC_REMOTE("millrace.rpc.remote", "Calls handed to another node for its providers"),
  RPC_REROUTED("millrace.rpc.rerouted", "Calls handed to one more provider"),
  RPC_ENDED("millrace.rpc.ended", "Remote procedure calls that have ended, by how"),
  RPC_SECONDS("millrace.rpc.seconds", "Time from call to end, in seconds, by how it ended"),
  USERS_ONLINE("millrace.users.online", "Users with at least one socket on this node"),
  PRESENCE_DROPPED("millrace.presence.dropped", "Comings and goings too many for a slow reader"),
  STORED_RECORDS("millrace.storage.records", "Record states committed to storage"),
  STORED_GROUPS("millrace.storage.groups", "Storage transactions committed"),
  STORAGE_SECONDS("millrace.storage.seconds", "Time spent on committing, in seconds"),
  STORAGE_FAILURES("millrace.storage.failures", "Storage transactions that failed"),
  STORAGE_UNSTORED("millrace.storage.unstored", "Changed records that are not stored yet"),
  STORAGE_OLDEST("millrace.storage.oldest", "How long the longest has waited, in seconds"),
  RECORDS("millrace.records", "Records that this node holds as their owner"),
  RECORDS_EVICTED(
      "millrace.records.evicted", "Idle records taken out of memory, because it was short"),
  RECORDS_REMOVED(
      "millrace.records.removed",
      "Removed records, not stored, whose deltas may be delivered again"),
  STORAGE_WAITS("millrace.storage.waits", "Writes that wait for their commit"),
  PERMISSION_DENIED("millrace.permission.denied", "Names that a permission rule refused"),
  PERMISSION_FAILED("millrace.permission.failed", "Names refused because their rule failed"),
  PERMISSION_RELOADS("millrace.permission.reloads", "Changes of the permission file in force"),
  PERMISSION_RELOADS_FAILED(
      "millrace.permission.reload.failures", "Changes of the permission file that were not good"),
  LINK_MESSAGES("millrace.links.messages", "Messages sent to other nodes, by topic"),
  LINK_BYTES("millrace.links.bytes", "Bytes sent to other nodes"),
  LINK_STREAMS("millrace.links.streams", "Nodes that can be sent to"),
  LINK_ENDED("millrace.links.ended", "Streams to and from other nodes that ended, by why"),
  INGEST_READ("millrace.ingest.read", "Messages read from the broker, by source"),
  INGEST_READ_BYTES("millrace.ingest.read.bytes", "Bytes read from the broker, by source"),
  INGEST_APPLIED("millrace.ingest.applied", "Deltas that changed their record, by source"),
  INGEST_REPLAYED("millrace.ingest.replayed", "Deltas that had been applied before, by source"),
  INGEST_SKIPPED("millrace.ingest.skipped", "Messages that stand for no change, by source"),
  INGEST_MISSING("millrace.ingest.missing", "Numbers left out in a Host's own sequence, by source"),
  INGEST_LATE(
      "millrace.ingest.late", "Changes with a number of before in that sequence, by source"),
  INGEST_DEAD("millrace.ingest.dead", "Messages sent to a dead-letter topic, by source"),
  INGEST_FAILED("millrace.ingest.failed", "Hand-overs that failed and are retried, by source"),
  INGEST_IN_FLIGHT("millrace.ingest.inflight.bytes", "Bytes handed over, not completed, by source"),
  REGISTRY_AWAY("millrace.registry.away", "1 while no schema registry answers, else 0"),
  REGISTRY_REQUESTS("millrace.registry.requests", "Questions to schema registries so far"),
  REGISTRY_FAILURES("millrace.registry.failures", "Questions that had no answer so far"),
  INGEST_LAG("millrace.ingest.lag", "Messages that wait in the broker, by source"),
  SPANS_RECORDED("millrace.spans.recorded", "Spans of traces that have ended"),
  SPANS_EXPORTED("millrace.spans.exported", "Spans that the collector has taken"),
  CHANGELOG_WAITING(
      "millrace.changelog.waiting",
      "Records that a changelog is still to be told of, by changelog"),
  CHANGELOG_OLDEST(
      "millrace.changelog.oldest", "How long the longest has waited, in seconds, by changelog"),
  CHANGELOG_SENT("millrace.changelog.sent", "Messages in the broker, by changelog"),
  CHANGELOG_FAILED(
      "millrace.changelog.failed", "Records to be told of again after a failure, by changelog"),
  CHANGELOG_TOO_LARGE(
      "millrace.changelog.oversized", "Messages left out as too large, by changelog");

  private final String id;
  private final String description;

  Meter(String id, String description) {
    this.id = id;
    this.description = description;
  }

  public String id() {
    return id;
  }

  String description() {
    return description;
  }
}

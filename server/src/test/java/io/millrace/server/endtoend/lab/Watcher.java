package io.millrace.server.endtoend.lab;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;

/** Follows flat records through one node, and notes all that it sees. */
final class Watcher extends Client {
  private final Set<String> records = new CopyOnWriteArraySet<>();
  private final Map<String, Copy> copies = new HashMap<>();

  private static final class Copy {
    int version = -1;
    long hash;
    Map<String, String> data = new HashMap<>();
  }

  Watcher(String name, TestCluster cluster, int node, List<String> records, History history) {
    super(name, cluster, node, history);
    this.records.addAll(records);
  }

  /** Follows one more record. */
  void follow(String record) {
    if (records.add(record)) {
      boolean unused = send(subscription(List.of(record)));
    }
  }

  private static RecordRequest subscription(List<String> records) {
    return new RecordRequest.Bulk(
        RecordAction.SUBSCRIBECREATEANDREAD, records.stream().map(RecordName::new).toList(), "0");
  }

  @Override
  void connected() {
    List<String> all = new ArrayList<>(records);
    boolean unused = all.isEmpty() || send(subscription(all));
  }

  @Override
  synchronized void disconnected() {
    copies.clear();
  }

  @Override
  synchronized void received(ServerMessage message) {
    switch (message) {
      case RecordPush.ReadResponse it -> state(it.name(), it.version(), it.data());
      case RecordPush.Update it -> state(it.name(), it.version(), it.data());
      case RecordPush.Patch it -> patch(it);
      case RecordPush.Ack it -> {}
      // Its node cannot reach the owner now: ask again.
      case RecordPush.Failure it -> hangUp();
      case RecordPush.MultipleSubscriptions it -> {}
      default -> {
        history().fault(name() + " was sent " + message, "?");
        hangUp();
      }
    }
  }

  private void state(RecordName name, int version, JsonText text) {
    Copy copy = copies.computeIfAbsent(name.value(), unused -> new Copy());
    copy.version = version;
    copy.data = flat(Json.parse(text).orElseThrow());
    copy.hash = History.hash(copy.data);
    history().sawState(name(), sitting(), name.value(), version, copy.hash);
  }

  private void patch(RecordPush.Patch patch) {
    String record = patch.name().value();
    Copy copy = copies.computeIfAbsent(record, unused -> new Copy());
    JsonText text = patch.data();
    if (text == null) {
      history().fault(name() + " was sent an erasure: " + patch, record);
      return;
    }
    String value = Json.parse(text).orElseThrow().asText();
    String old = copy.data.put(patch.path(), value);
    copy.hash +=
        History.hash(patch.path(), value) - (old == null ? 0 : History.hash(patch.path(), old));
    copy.version = patch.version();
    history()
        .sawPatch(name(), sitting(), record, patch.version(), copy.hash, value, value.equals(old));
  }

  static Map<String, String> flat(JsonNode data) {
    Map<String, String> flat = new HashMap<>();
    data.properties().forEach(entry -> flat.put(entry.getKey(), entry.getValue().asText()));
    return flat;
  }

  /** Whether it has a state of each of these. */
  synchronized boolean hasAll(Collection<String> names) {
    return copies.keySet().containsAll(names);
  }

  /** Of how many records it has a newer version than the other. */
  int ahead(Watcher other) {
    Map<String, Integer> theirs = other.versions();
    return (int)
        versions().entrySet().stream()
            .filter(own -> own.getValue() > theirs.getOrDefault(own.getKey(), -1))
            .count();
  }

  private synchronized Map<String, Integer> versions() {
    Map<String, Integer> versions = new HashMap<>();
    copies.forEach((name, copy) -> versions.put(name, copy.version));
    return versions;
  }

  /** What is different from what it should have; empty if nothing is. */
  synchronized String difference(String record, History.Final expected) {
    Copy copy = copies.get(record);
    if (copy == null) {
      return name() + " has nothing of " + record;
    }
    if (copy.version == expected.version() && copy.data.equals(expected.data())) {
      return "";
    }
    return "%s has version %d of %s (%d entries), not %d (%d entries)"
        .formatted(
            name(),
            copy.version,
            record,
            copy.data.size(),
            expected.version(),
            expected.data().size());
  }

  @Override
  public String toString() {
    return name() + " at node " + node() + ", sitting " + sitting();
  }
}

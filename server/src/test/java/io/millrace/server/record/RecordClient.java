package io.millrace.server.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonPatch;
import io.millrace.protocol.value.RecordName;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client makes of what it is sent: it keeps a replica of each record it has subscribed, and
 * complains about what a server must not say. Its own writes are applied when they turn out to have
 * been accepted, as the server sends them to everybody else only.
 */
final class RecordClient {

  /** The replica of one record; {@code state} is null until there is one. */
  static final class Replica {
    int version = -1;
    @Nullable ContainerNode<?> state;
    boolean known;
    @Nullable Pending pending;
  }

  /** A write of this client that has not been answered. */
  record Pending(int version, String path, JsonNode value, String id) {}

  /** Told of every state that a replica takes on. */
  interface Watcher {
    void saw(RecordName name, int version, JsonNode state);
  }

  private final Map<RecordName, Replica> replicas = new HashMap<>();
  private final Watcher watcher;

  RecordClient(Watcher watcher) {
    this.watcher = watcher;
  }

  Map<RecordName, Replica> replicas() {
    return replicas;
  }

  void subscribed(RecordName name) {
    replicas.putIfAbsent(name, new Replica());
  }

  void unsubscribed(RecordName name) {
    replicas.remove(name);
  }

  void received(ServerMessage message) {
    switch (message) {
      case RecordPush.ReadResponse read -> {
        Replica replica = replicas.get(read.name());
        if (replica != null) {
          whole(read.name(), replica, read.version(), Json.parse(read.data()).orElseThrow());
        }
      }
      case RecordPush.Update update -> {
        Replica replica = mustHave(update.name(), message);
        whole(update.name(), replica, update.version(), Json.parse(update.data()).orElseThrow());
      }
      case RecordPush.Patch patch -> patch(patch, mustHave(patch.name(), message));
      case RecordPush.Deleted deleted -> {
        mustHave(deleted.name(), message);
        replicas.remove(deleted.name());
      }
      case RecordPush.WriteAcknowledgement ack -> {
        Replica replica = replicas.get(ack.name());
        if (replica != null && hasPending(replica, ack.correlationId())) {
          accepted(ack.name(), replica);
        }
      }
      case RecordPush.Failure failure -> {
        Replica replica = replicas.get(new RecordName(String.valueOf(failure.name())));
        if (replica != null && hasPending(replica, failure.ack().correlationId())) {
          replica.pending = null;
        }
      }
      default -> {}
    }
  }

  private Replica mustHave(RecordName name, ServerMessage message) {
    Replica replica = replicas.get(name);
    assertThat(replica).as("subscription for %s", message).isNotNull();
    return replica == null ? new Replica() : replica;
  }

  private static boolean hasPending(Replica replica, @Nullable String id) {
    Pending pending = replica.pending;
    return pending != null && pending.id().equals(id);
  }

  private void whole(RecordName name, Replica replica, int version, JsonNode state) {
    replica.version = version;
    replica.state = (ContainerNode<?>) state;
    replica.known = true;
    Pending pending = replica.pending;
    if (pending != null && pending.version() <= version) {
      replica.pending = null;
    }
    watcher.saw(name, version, state);
  }

  private void patch(RecordPush.Patch patch, Replica replica) {
    Pending pending = replica.pending;
    if (pending != null
        && pending.version() == replica.version + 1
        && patch.version() == replica.version + 2) {
      // Nobody skips a version: the one in between is this client's own.
      accepted(patch.name(), replica);
    }
    assertThat(replica.known).as("a state before %s", patch).isTrue();
    assertThat(patch.version()).as("no gap before %s", patch).isEqualTo(replica.version + 1);
    ContainerNode<?> state = replica.state;
    assertThat(state).isNotNull();
    if (state == null) {
      return;
    }
    JsonNode value = patch.data() == null ? null : Json.parse(patch.data()).orElseThrow();
    assertThat(JsonPatch.apply(state, Cells.path(patch.path()), value))
        .isInstanceOf(JsonPatch.Result.Applied.class);
    replica.version = patch.version();
    if (pending != null && pending.version() <= patch.version()) {
      replica.pending = null;
    }
    watcher.saw(patch.name(), patch.version(), state.deepCopy());
  }

  private void accepted(RecordName name, Replica replica) {
    Pending pending = replica.pending;
    ContainerNode<?> state = replica.state;
    replica.pending = null;
    if (pending == null || state == null || replica.version >= pending.version()) {
      return;
    }
    // A write that creates the record counts it as version 0.
    int next = Math.max(0, replica.version) + 1;
    if (pending.version() != next) {
      // Accepted in a life that it was not meant for; the state is under way.
      return;
    }
    assertThat(JsonPatch.apply(state, Cells.path(pending.path()), pending.value().deepCopy()))
        .isInstanceOf(JsonPatch.Result.Applied.class);
    replica.version = pending.version();
    watcher.saw(name, replica.version, state.deepCopy());
  }
}

package io.millrace.server.presence;

import io.millrace.server.permission.PermissionGate;
import io.millrace.server.subscription.Subscriber;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What one watcher is yet to be told, in its order. While the watcher cannot take it, a user who
 * comes and goes cancels out, so a slow reader costs at most one entry for each user (P6). Confined
 * to the session's loop.
 */
final class PendingChanges {

  /** Changes kept for a slow reader; beyond that the oldest are dropped and counted. */
  static final int MAX_PENDING = 100_000;

  private final Subscriber subscriber;
  private final PermissionGate gate;
  private final PresenceCounter counter;
  private final SequencedMap<PresenceChange, Boolean> pending = new LinkedHashMap<>(0);
  private boolean draining;
  private boolean closed;

  PendingChanges(Subscriber subscriber, PermissionGate gate, PresenceCounter counter) {
    this.subscriber = subscriber;
    this.gate = gate;
    this.counter = counter;
  }

  void add(PresenceChange change, boolean online) {
    Boolean before = pending.remove(change);
    if (before == null || before == online) {
      pending.put(change, online);
    }
    if (pending.size() > MAX_PENDING) {
      pending.pollFirstEntry();
      counter.dropped();
    }
    drain();
  }

  /** Tells what the watcher can take. One at a time: a permission may have to be loaded. */
  void drain() {
    if (draining) {
      return;
    }
    draining = true;
    while (!closed && subscriber.isWritable()) {
      Map.Entry<PresenceChange, Boolean> first = pending.pollFirstEntry();
      if (first == null) {
        break;
      }
      PresenceChange change = first.getKey();
      boolean online = first.getValue();
      if (!change.everybody()) {
        // It was judged when the user was subscribed to by name.
        subscriber.send(change.push(online));
        continue;
      }
      boolean[] decided = new boolean[2];
      gate.visibleUsers(
          subscriber,
          List.of(change.user()),
          visible -> {
            decided[0] = true;
            if (!closed && !visible.isEmpty()) {
              subscriber.send(change.push(online));
            }
            if (decided[1]) {
              draining = false;
              drain();
            }
          });
      if (!decided[0]) {
        decided[1] = true;
        return;
      }
    }
    draining = false;
  }

  void close() {
    closed = true;
    pending.clear();
  }
}

package io.millrace.server.rpc;

import io.millrace.server.rpc.RpcCall.Key;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one home loop that one provider has in its hands, by the id that it was told.
 *
 * <p>That is the caller's own id, as long as no other call has it. Ids are unique per client only,
 * and some clients just count: a second call with the same id gets one of ours towards the
 * provider. An id also counts as taken after the provider ran out of time with it, until the late
 * answer has come: it must not become the answer to another caller.
 */
final class HandedCalls {

  /** How many late answers are waited for; the longest wait is given up first. */
  static final int MAX_OVERDUE = 1_000;

  private final Map<Key, RpcCall> open = new HashMap<>();
  private final Set<Key> overdue = new LinkedHashSet<>();
  private long made;

  boolean isEmpty() {
    return open.isEmpty() && overdue.isEmpty();
  }

  /** Adds a call; answers the id that the provider is told: the wished one, if that is free. */
  String add(RpcCall call, String wished) {
    Key key = new Key(call.name(), wished);
    while (open.containsKey(key) || overdue.contains(key)) {
      key = new Key(call.name(), "~" + Long.toString(++made, Character.MAX_RADIX));
    }
    open.put(key, call);
    return key.id();
  }

  @Nullable RpcCall find(Key key) {
    return open.get(key);
  }

  void remove(Key key) {
    open.remove(key);
  }

  /** Removes a call whose answer may still come. */
  void expire(Key key) {
    open.remove(key);
    overdue.add(key);
    if (overdue.size() > MAX_OVERDUE) {
      Iterator<Key> oldest = overdue.iterator();
      oldest.next();
      oldest.remove();
    }
  }

  /** The late answer has come. */
  void settle(Key key) {
    overdue.remove(key);
  }

  /** A copy. */
  Collection<RpcCall> all() {
    return List.copyOf(open.values());
  }
}

package io.millrace.server.event;

import io.millrace.server.transport.SharedMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Who receives events on one event loop, by name; confined to that loop. */
final class EventReceivers {
  private final EventCounter counter;
  private final Map<String, List<EventSession>> byName = new HashMap<>();

  EventReceivers(EventCounter counter) {
    this.counter = counter;
  }

  void add(String name, EventSession session) {
    byName.computeIfAbsent(name, unknown -> new ArrayList<>(1)).add(session);
  }

  void remove(String name, EventSession session) {
    List<EventSession> all = byName.get(name);
    if (all == null) {
      return;
    }
    int index = all.indexOf(session);
    if (index >= 0) {
      int last = all.size() - 1;
      all.set(index, all.get(last));
      all.remove(last);
    }
    if (all.isEmpty()) {
      byName.remove(name);
    }
  }

  void deliver(String name, SharedMessage message, long except) {
    List<EventSession> all = byName.get(name);
    if (all == null) {
      return;
    }
    int delivered = 0;
    for (int i = 0; i < all.size(); i++) {
      EventSession session = all.get(i);
      if (session.id() != except) {
        session.offer(message);
        delivered++;
      }
    }
    counter.delivered(delivered);
  }
}

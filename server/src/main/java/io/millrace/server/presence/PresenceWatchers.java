package io.millrace.server.presence;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who watches users on one event loop; confined to that loop. */
final class PresenceWatchers {
  private final Set<PresenceSession> ofAll = new LinkedHashSet<>();
  private final Map<String, Set<PresenceSession>> byUser = new HashMap<>();

  void addToAll(PresenceSession session) {
    ofAll.add(session);
  }

  void removeFromAll(PresenceSession session) {
    ofAll.remove(session);
  }

  void add(String user, PresenceSession session) {
    byUser.computeIfAbsent(user, unknown -> new LinkedHashSet<>(2)).add(session);
  }

  void remove(String user, PresenceSession session) {
    Set<PresenceSession> all = byUser.get(user);
    if (all != null && all.remove(session) && all.isEmpty()) {
      byUser.remove(user);
    }
  }

  /** A socket that watches everybody and the user hears it twice, first as one of everybody. */
  void tell(String user, boolean online) {
    // Copies: a socket that fails while it is told takes itself out.
    for (PresenceSession session : List.copyOf(ofAll)) {
      session.offer(new PresenceChange(user, true), online);
    }
    for (PresenceSession session : List.copyOf(byUser.getOrDefault(user, Set.of()))) {
      session.offer(new PresenceChange(user, false), online);
    }
  }
}

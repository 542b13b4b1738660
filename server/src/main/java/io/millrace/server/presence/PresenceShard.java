package io.millrace.server.presence;

import io.millrace.server.transport.EventLoops;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The users that are at home on one event loop: how many sockets each has, and on which loops
 * somebody watches. Confined to that loop.
 */
final class PresenceShard {
  private final EventLoops loops;
  private final List<PresenceWatchers> watchers;
  private final PresenceCounter counter;
  private final Map<String, Integer> sockets = new HashMap<>();

  /** Sockets that watch the user, by loop. */
  private final Map<String, int[]> watched = new HashMap<>();

  /** Sockets that watch everybody, by loop. */
  private final int[] watchedAll;

  PresenceShard(EventLoops loops, List<PresenceWatchers> watchers, PresenceCounter counter) {
    this.loops = loops;
    this.watchers = watchers;
    this.counter = counter;
    this.watchedAll = new int[loops.count()];
  }

  /** The user has logged in on one more socket. */
  void loggedIn(String user) {
    if (sockets.merge(user, 1, Integer::sum) == 1) {
      counter.online(1);
      tell(user, true);
    }
  }

  /** A socket of the user is gone. */
  void loggedOut(String user) {
    Integer left = sockets.computeIfPresent(user, (id, count) -> count == 1 ? null : count - 1);
    if (left == null) {
      counter.online(-1);
      tell(user, false);
    }
  }

  boolean isOnline(String user) {
    return sockets.containsKey(user);
  }

  List<String> online() {
    return List.copyOf(sockets.keySet());
  }

  void watch(String user, int loop) {
    watched.computeIfAbsent(user, unknown -> new int[loops.count()])[loop]++;
  }

  void unwatch(String user, int loop) {
    int[] byLoop = watched.get(user);
    if (byLoop == null) {
      return;
    }
    byLoop[loop]--;
    for (int count : byLoop) {
      if (count > 0) {
        return;
      }
    }
    watched.remove(user);
  }

  /** One socket more (1) or less (-1) of that loop watches everybody. */
  void watchAll(int loop, int change) {
    watchedAll[loop] += change;
  }

  private void tell(String user, boolean online) {
    int[] byLoop = watched.get(user);
    for (int i = 0; i < watchedAll.length; i++) {
      if (watchedAll[i] > 0 || (byLoop != null && byLoop[i] > 0)) {
        PresenceWatchers some = watchers.get(i);
        loops.get(i).run(() -> some.tell(user, online));
      }
    }
  }
}

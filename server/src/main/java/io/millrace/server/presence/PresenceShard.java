package io.millrace.server.presence;

import io.millrace.server.peer.HomeNames;
import io.millrace.server.peer.NameObserver;
import io.millrace.server.peer.SharedNames;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.EventLoops;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The users that are at home on one event loop: how many sockets each has here, which other nodes
 * have some, and on which loops somebody watches. A user is online as long as there is a socket on
 * any node, and only when that changes are the watchers on this node told. Confined to that loop.
 */
final class PresenceShard {
  private final EventLoops loops;
  private final List<PresenceWatchers> watchers;
  private final PresenceCounter counter;
  private final Map<String, Integer> sockets = new HashMap<>();
  private final HomeNames elsewhere;

  /** Sockets that watch the user, by loop. */
  private final Map<String, int[]> watched = new HashMap<>();

  /** Sockets that watch everybody, by loop. */
  private final int[] watchedAll;

  PresenceShard(
      EventLoop home,
      SharedNames users,
      EventLoops loops,
      List<PresenceWatchers> watchers,
      PresenceCounter counter) {
    this.loops = loops;
    this.watchers = watchers;
    this.counter = counter;
    this.watchedAll = new int[loops.count()];
    this.elsewhere =
        users.home(home, Collections.unmodifiableSet(sockets.keySet()), new OtherNodes());
  }

  /** Users without a socket here come and go with those on other nodes. */
  private final class OtherNodes implements NameObserver {
    @Override
    public void appeared(String user) {
      if (!sockets.containsKey(user)) {
        tell(user, true);
      }
    }

    @Override
    public void disappeared(String user) {
      if (!sockets.containsKey(user)) {
        tell(user, false);
      }
    }
  }

  /** The user has logged in on one more socket. */
  void loggedIn(String user) {
    if (sockets.merge(user, 1, Integer::sum) == 1) {
      counter.online(1);
      elsewhere.added(user);
      elsewhere.flush();
      if (!elsewhere.isElsewhere(user)) {
        tell(user, true);
      }
    }
  }

  /** A socket of the user is gone. */
  void loggedOut(String user) {
    Integer left = sockets.computeIfPresent(user, (id, count) -> count == 1 ? null : count - 1);
    if (left == null) {
      counter.online(-1);
      elsewhere.removed(user);
      elsewhere.flush();
      if (!elsewhere.isElsewhere(user)) {
        tell(user, false);
      }
    }
  }

  boolean isOnline(String user) {
    return sockets.containsKey(user) || elsewhere.isElsewhere(user);
  }

  /** All users who are online, each once. */
  Set<String> online() {
    Set<String> users = new HashSet<>(sockets.keySet());
    elsewhere.forEachName(users::add);
    return users;
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

package io.millrace.server.presence;

import io.millrace.server.peer.HomeNames;
import io.millrace.server.peer.NameObserver;
import io.millrace.server.peer.SharedNames;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.EventLoops;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * The users that are at home on one event loop: how many sockets each has here, which other nodes
 * have some, and on which loops somebody watches. A user is online as long as there is a socket on
 * any node, and only when that changes are the watchers on this node told. Confined to that loop.
 */
final class PresenceShard {

  /**
   * How long it is not said that a user has gone who may be about to be seen on another node: what
   * two nodes say of a user who moves may come in the wrong order.
   */
  static final Duration MOVE = Duration.ofMillis(200);

  private final EventLoop home;
  private final BooleanSupplier others;
  private final EventLoops loops;
  private final List<PresenceWatchers> watchers;
  private final PresenceCounter counter;
  private final Map<String, Integer> sockets = new HashMap<>();
  private final HomeNames elsewhere;

  /** Users of whom it is yet to be said that they have gone. */
  private final Map<String, EventLoop.Timer> gone = new HashMap<>(0);

  /** Sockets that watch the user, by loop. */
  private final Map<String, int[]> watched = new HashMap<>();

  /** Sockets that watch everybody, by loop. */
  private final int[] watchedAll;

  /**
   * @param others whether there are other nodes that users can move to
   */
  PresenceShard(
      EventLoop home,
      SharedNames users,
      BooleanSupplier others,
      EventLoops loops,
      List<PresenceWatchers> watchers,
      PresenceCounter counter) {
    this.home = home;
    this.others = others;
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
        came(user);
      }
    }

    @Override
    public void disappeared(String user) {
      if (!sockets.containsKey(user)) {
        went(user);
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
        came(user);
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
        went(user);
      }
    }
  }

  private void came(String user) {
    EventLoop.Timer unsaid = gone.remove(user);
    if (unsaid == null) {
      tell(user, true);
    } else {
      unsaid.cancel();
    }
  }

  private void went(String user) {
    if (!others.getAsBoolean()) {
      tell(user, false);
      return;
    }
    gone.put(
        user,
        home.schedule(
            MOVE,
            () -> {
              gone.remove(user);
              tell(user, false);
            }));
  }

  /** Calls back when the other nodes know what was said to them. */
  void settle(Runnable done) {
    elsewhere.settle(done);
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

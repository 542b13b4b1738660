package io.millrace.server.listen;

import io.millrace.server.transport.EventLoop.Timer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A name that this node coordinates: which nodes want it, with its search. Confined to its home
 * loop.
 */
final class ListenedName implements NameSearch.Effects {
  private final String name;
  private final Coordinator coordinator;
  private final NameSearch search;
  private final Map<String, Wish> wishes = new HashMap<>(2);
  private @Nullable Timer timer;

  /** Whether it waits to be worked on. */
  boolean ready;

  /** When a listener last refused it or did not answer; 0: never. */
  long refusedAtNs;

  /** The last rematch that it took part in. */
  int rematch;

  /** A node's interest. */
  private static final class Wish {
    final long number;

    /** What the node was told last. */
    boolean provided;

    Wish(long number, boolean provided) {
      this.number = number;
      this.provided = provided;
    }
  }

  ListenedName(String name, Coordinator coordinator) {
    this.name = name;
    this.coordinator = coordinator;
    this.search = new NameSearch(name, this);
  }

  String name() {
    return name;
  }

  NameSearch search() {
    return search;
  }

  void want(String node, ListenMessage.Wanted wanted) {
    wishes.put(node, new Wish(wanted.number(), wanted.provided()));
  }

  /** False if it did not want it. */
  boolean unwant(String node) {
    return wishes.remove(node) != null;
  }

  boolean isWanted() {
    return !wishes.isEmpty();
  }

  /** That it has no provider is said when it is known for sure. */
  void tell() {
    boolean provided = search.isProvided();
    if (!provided && search.isPaused()) {
      return;
    }
    wishes.forEach(
        (node, wish) -> {
          if (wish.provided != provided) {
            wish.provided = provided;
            coordinator.tell(node, new ListenMessage.Provided(name, wish.number, provided));
          }
        });
  }

  @Override
  public void provided(boolean hasProvider) {
    tell();
  }

  @Override
  public void startTimer() {
    timer = coordinator.startTimer(this);
  }

  @Override
  public void stopTimer() {
    Timer running = timer;
    if (running != null) {
      running.cancel();
      timer = null;
    }
  }
}

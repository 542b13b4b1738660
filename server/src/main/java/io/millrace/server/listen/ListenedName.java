package io.millrace.server.listen;

import io.millrace.server.subscription.Interest;
import io.millrace.server.transport.EventLoop.Timer;
import org.jspecify.annotations.Nullable;

/** A name that somebody has subscribed to, with its search. Confined to its home loop. */
final class ListenedName implements NameSearch.Effects {
  private final ListenShard shard;
  private final NameSearch search;
  private Interest interest;
  private @Nullable Timer timer;

  /** Whether it waits to be worked on. */
  boolean ready;

  /** When a listener last refused it or did not answer; 0: never. */
  long refusedAtNs;

  /** The last rematch that it took part in. */
  int rematch;

  ListenedName(ListenShard shard, Interest interest) {
    this.shard = shard;
    this.interest = interest;
    this.search = new NameSearch(interest.name(), this);
  }

  String name() {
    return interest.name();
  }

  NameSearch search() {
    return search;
  }

  void setInterest(Interest newInterest) {
    interest = newInterest;
  }

  @Override
  public void provided(boolean hasProvider) {
    interest.provided(hasProvider);
  }

  @Override
  public void startTimer() {
    timer = shard.startTimer(this);
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

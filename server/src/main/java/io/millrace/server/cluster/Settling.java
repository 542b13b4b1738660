package io.millrace.server.cluster;

import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Waits of one loop for other nodes to be done with what it has sent. All that begin in one tick
 * ask together, and callers are called back in the order in which they came. Confined to the loop.
 */
final class Settling {

  /** A client may wait so long for the ack of a subscription, while a node hangs. */
  private static final Duration LONGEST = Duration.ofSeconds(2);

  private final EventLoop own;
  private final Supplier<Collection<OutStream>> streams;
  private final Deque<SettleRound> rounds = new ArrayDeque<>();
  private @Nullable SettleRound gathering;
  private boolean callingBack;

  Settling(EventLoop own, Supplier<Collection<OutStream>> streams) {
    this.own = own;
    this.streams = streams;
  }

  void settle(Runnable done) {
    if (gathering == null) {
      if (rounds.isEmpty() && streams.get().isEmpty()) {
        done.run();
        return;
      }
      gathering = new SettleRound(own, this::callBack);
      rounds.add(gathering);
      own.execute(this::ask);
    }
    gathering.add(done);
  }

  private void ask() {
    SettleRound round = gathering;
    gathering = null;
    if (round != null) {
      streams.get().forEach(round::ask);
      round.waitFor(LONGEST);
    }
  }

  private void callBack() {
    if (callingBack) {
      return;
    }
    callingBack = true;
    // A round stays until all of it were called back: who settles meanwhile comes after them.
    for (SettleRound first = rounds.peek();
        first != null && first.isDone();
        first = rounds.peek()) {
      first.callBack();
      rounds.remove();
    }
    callingBack = false;
  }
}

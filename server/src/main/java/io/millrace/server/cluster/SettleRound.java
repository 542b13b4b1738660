package io.millrace.server.cluster;

import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Callers on one loop who wait, since the same tick, for other nodes to be done with what was sent.
 * Confined to that loop, but for {@link #answered}.
 */
final class SettleRound {
  private static final Logger LOG = LoggerFactory.getLogger(SettleRound.class);

  private final EventLoop own;
  private final Runnable onDone;
  private final List<Runnable> callers = new ArrayList<>();

  /** The nodes that have not answered, and the asking itself. */
  private final AtomicInteger open = new AtomicInteger(1);

  private EventLoop.@Nullable Timer timer;
  private boolean done;

  SettleRound(EventLoop own, Runnable onDone) {
    this.own = own;
    this.onDone = onDone;
  }

  void add(Runnable caller) {
    callers.add(caller);
  }

  void ask(OutStream stream) {
    open.incrementAndGet();
    if (!stream.ask(this)) {
      answered();
    }
  }

  /** All have been asked. */
  void waitFor(Duration longest) {
    timer = own.schedule(longest, this::finish);
    answered();
  }

  /** A node is done, or not waited for. From any thread. */
  void answered() {
    if (open.decrementAndGet() == 0) {
      own.run(this::finish);
    }
  }

  boolean isDone() {
    return done;
  }

  void callBack() {
    for (Runnable caller : callers) {
      try {
        caller.run();
      } catch (RuntimeException failure) {
        LOG.error("a step after settling failed; this is a fault of this program", failure);
      }
    }
  }

  private void finish() {
    if (done) {
      return;
    }
    done = true;
    if (timer != null) {
      timer.cancel();
    }
    onDone.run();
  }
}

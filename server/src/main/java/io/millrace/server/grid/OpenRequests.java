package io.millrace.server.grid;

import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this node has asked the owners of records and has no answer to. The grid is not left before
 * that is over: a write of a client that is gone already would be lost. Thread-safe.
 */
final class OpenRequests {
  private static final Logger LOG = LoggerFactory.getLogger(OpenRequests.class);

  /** From a session's loop to a name's home loop, and back, and once more. */
  private static final int HOPS = 3;

  private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(5);

  private final List<EventLoop> loops = new CopyOnWriteArrayList<>();
  private final AtomicInteger open = new AtomicInteger();

  /** Requests come from this loop, too. */
  void on(EventLoop loop) {
    loops.add(loop);
  }

  void begin() {
    open.incrementAndGet();
  }

  void end() {
    open.decrementAndGet();
  }

  /** Blocks until nothing is under way, also between loops, but not longer than told. */
  void awaitEnd(Duration time) {
    long deadline = System.nanoTime() + time.toNanos();
    try {
      for (int hop = 0; hop < HOPS; hop++) {
        CountDownLatch passed = new CountDownLatch(loops.size());
        loops.forEach(loop -> loop.execute(passed::countDown));
        if (!passed.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          LOG.warn("the event loops are too busy to say that nothing is left to be done");
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    while (open.get() > 0 && System.nanoTime() < deadline) {
      LockSupport.parkNanos(POLL_NS);
    }
    int left = open.get();
    if (left > 0) {
      LOG.warn("leaving the grid while {} requests have no answer", left);
    }
  }
}

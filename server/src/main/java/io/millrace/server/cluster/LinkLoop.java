package io.millrace.server.cluster;

import io.millrace.server.transport.EventLoops;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The thread of the links, and its way to the other loops. Thread-safe.
 *
 * @param loops all that features run on
 */
record LinkLoop(Vertx vertx, Context context, EventLoops loops) {

  /** Runs the task on the link loop, after all that is queued there. */
  void execute(Runnable task) {
    context.runOnContext(ignored -> task.run());
  }

  /** To be called on the link loop, where the task is run. */
  void after(Duration delay, Runnable task) {
    vertx.setTimer(delay.toMillis(), ignored -> task.run());
  }

  /** Between half of the duration and all of it, so that nodes do not move in step. */
  static Duration about(Duration most) {
    long millis = most.toMillis();
    return Duration.ofMillis(ThreadLocalRandom.current().nextLong(millis / 2, millis + 1));
  }

  /** Runs the task on the link loop when every loop has done what it was given before. */
  void afterAllLoops(Runnable done) {
    AtomicInteger busy = new AtomicInteger(loops.count());
    for (var loop : loops.all()) {
      loop.execute(
          () -> {
            if (busy.decrementAndGet() == 0) {
              execute(done);
            }
          });
    }
  }
}

package io.millrace.server.grid;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an owner with storage does from time to time, on threads of its own: says how far it has
 * stored, takes over what others left, makes place when memory is short.
 */
final class StorageUpkeep implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StorageUpkeep.class);
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration LOOK_ROUND = Duration.ofMillis(200);

  /** One for ticks, which must not be late, one for what takes its time. */
  private final ScheduledThreadPoolExecutor ticks = executor("storage-ticks");

  private final ScheduledThreadPoolExecutor rounds = executor("storage-rounds");

  private static ScheduledThreadPoolExecutor executor(String name) {
    return new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name(name).factory());
  }

  void start(
      WriteBehind writeBehind,
      Watermarks watermarks,
      RecordPeers peers,
      Takeover takeover,
      Evictor evictor,
      Duration evictionCheck) {
    every(
        TICK,
        ticks,
        () -> {
          watermarks.own(writeBehind.tick());
          peers.announce();
        });
    every(LOOK_ROUND, rounds, takeover::run);
    every(evictionCheck, rounds, evictor::run);
  }

  private static void every(Duration time, ScheduledThreadPoolExecutor executor, Runnable task) {
    var unused =
        executor.scheduleWithFixedDelay(
            () -> {
              try {
                task.run();
              } catch (RuntimeException e) {
                // Also when the grid stops; else the next round goes on where this one ended.
                LOG.debug("a round of storage's upkeep failed", e);
              }
            },
            0,
            time.toNanos(),
            TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    ticks.shutdownNow();
    rounds.shutdownNow();
  }
}

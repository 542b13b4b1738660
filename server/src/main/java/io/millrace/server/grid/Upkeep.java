package io.millrace.server.grid;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an owner with {@link Duty duties} does from time to time, on threads of its own: says how
 * far it has done them, takes over what others left, makes place when memory is short, forgets what
 * was removed.
 */
final class Upkeep implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration EVICTION_CHECK = Duration.ofSeconds(3);
  private static final Duration LOOK_ROUND = Duration.ofMillis(200);

  /**
   * One for ticks, which must not be late, two for what takes its time; nobody waits for purges.
   */
  private final ScheduledThreadPoolExecutor ticks = executor("duty-ticks");

  private final ScheduledThreadPoolExecutor rounds = executor("duty-rounds");

  private final ScheduledThreadPoolExecutor purges = executor("purge-rounds");

  private static ScheduledThreadPoolExecutor executor(String name) {
    return new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name(name).factory());
  }

  /**
   * @param evictor null if nothing is stored, so that nothing can be taken out of the grid
   */
  void start(
      Duties duties, RecordPeers peers, Map<Duty, Takeover> takeovers, @Nullable Evictor evictor) {
    every(
        TICK,
        ticks,
        () -> {
          for (Duty duty : duties.all()) {
            duty.watermarks().own(duty.writeBehind().tick());
          }
          peers.announce();
        });
    for (Takeover takeover : takeovers.values()) {
      every(LOOK_ROUND, rounds, takeover::run);
    }
    if (evictor != null) {
      every(EVICTION_CHECK, rounds, evictor::run);
    }
  }

  void start(Purge purge, Duration tick) {
    every(tick, purges, purge::run);
  }

  /** To be called before the grid is left, when there is nothing to look through any more. */
  void endPurge() {
    purges.shutdownNow();
  }

  private static void every(Duration time, ScheduledThreadPoolExecutor executor, Runnable task) {
    var unused =
        executor.scheduleWithFixedDelay(
            () -> {
              try {
                task.run();
              } catch (RuntimeException e) {
                // Also when the grid stops; else the next round goes on where this one ended.
                LOG.debug("a round of upkeep failed", e);
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
    endPurge();
  }
}

package io.millrace.server.endtoend.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * P1 to P5 while one thing after the other goes wrong. {@code -Dchaos.seed=N} for the same things
 * in the same order, {@code -Dchaos.minutes=30} for long.
 */
final class ChaosIT {
  private static final Logger LOG = LoggerFactory.getLogger(ChaosIT.class);
  private static final int NODES = 3;
  private static final double MINUTES =
      Double.parseDouble(System.getProperty("chaos.minutes", "3"));

  /** Every build does the same; for long, another one each time. */
  private static final long SEED =
      Long.getLong(
          "chaos.seed",
          System.getProperty("chaos.minutes") == null ? 42 : System.nanoTime() % 1_000_000);

  @Test
  @Timeout(7200)
  void whatIsPromisedHoldsWhileNodesDieHangAndPart() throws Exception {
    LOG.info("{} minutes of -Dchaos.seed={}", MINUTES, SEED);
    Path directory = Path.of("target", "lab", "chaos-" + SEED).toAbsolutePath();
    Schedule schedule = new Schedule(SEED, NODES, TestCluster.HEARTBEAT_TIMEOUT);
    try (Population population = Population.start(NODES, directory, SEED)) {
      long end = System.nanoTime() + (long) (MINUTES * 60e9);
      Mischief mischief = new Mischief(population.cluster(), population.history());
      int faults = 0;
      while (System.nanoTime() < end && population.history().faults().isEmpty()) {
        population.liveFor(schedule.peace());
        mischief.carryOut(schedule.next());
        population.checkWhileWhole();
        faults++;
      }
      population.finish();
      LOG.info("{} things went wrong; {}", faults, population);
      assertThat(population.history().faults())
          .as("-Dchaos.seed=%d, %s", SEED, population)
          .isEmpty();
      assertThat(faults).isPositive();
      assertThat(population.cluster().size()).isEqualTo(NODES);
    }
  }
}

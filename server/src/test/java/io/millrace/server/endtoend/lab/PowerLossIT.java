package io.millrace.server.endtoend.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** P4: with storage, what was acknowledged survives the loss of all nodes at once. */
final class PowerLossIT {
  private static final int ROUNDS = Integer.getInteger("lab.rounds", 2);
  private static final int WRITES = 500;

  @TempDir private Path directory;

  @Test
  @Timeout(1800)
  void everyAcknowledgedWriteSurvivesTheLossOfAllNodes() throws Exception {
    long seed = Long.getLong("millrace.seed", System.nanoTime());
    History history = PowerLoss.history(directory, ROUNDS, WRITES, seed);
    assertThat(history.faults()).as("-Dmillrace.seed=%d, %s", seed, history).isEmpty();
    assertThat(history.count(History.Result.ACKED)).isGreaterThan(ROUNDS * (long) WRITES);
  }

  /** That the checker would see it: the same with nodes that acknowledge before they commit. */
  @Test
  @Timeout(900)
  @EnabledIfSystemProperty(named = "chaos.minutes", matches = "[0-9.]+")
  void anAcknowledgementBeforeTheCommitIsFound() throws Exception {
    History history = PowerLoss.history(directory, 1, 100, 1, "-Dmillrace.fault=ack-before-commit");
    assertThat(history.faults()).anyMatch(fault -> fault.contains("lost: ACKED"));
  }
}

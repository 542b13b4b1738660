package io.millrace.examples.onsale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PaceTest {
  private static final Pace PACE = new Pace(1_000);

  @Test
  void keepsItsRateOnAverage() {
    assertThat(PACE.due(20)).isCloseTo(20_000, within(1L));
  }

  @Test
  void comesInWaves() {
    long rising = PACE.due(1.1) - PACE.due(0.9);
    long falling = PACE.due(3.1) - PACE.due(2.9);

    assertThat(rising).isGreaterThan(falling * 3 / 2);
  }

  @Test
  void neverTakesBackWhatWasDue() {
    for (int i = 0; i < 1_000; i++) {
      assertThat(PACE.due((i + 1) / 100.0)).isGreaterThanOrEqualTo(PACE.due(i / 100.0));
    }
  }
}

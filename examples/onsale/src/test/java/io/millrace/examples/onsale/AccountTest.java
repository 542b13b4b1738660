package io.millrace.examples.onsale;

import static org.assertj.core.api.Assertions.assertThat;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class AccountTest {

  @Test
  void isCleanWhenEverythingArrived() {
    assertThat(account(30_000, 30_000, 30_000, 0, 0).isClean()).isTrue();
  }

  @Test
  void countsWhatTheServerDidNotApply() {
    Account account = account(30_000, 29_990, 29_990, 0, 0);

    assertThat(account.lost()).isEqualTo(10);
    assertThat(account.isClean()).isFalse();
  }

  @Test
  void countsWhatDidNotReachTheFollower() {
    assertThat(account(30_000, 30_000, 29_997, 0, 0).lost()).isEqualTo(3);
  }

  @Test
  void countsBrokenOrderAndWrongSeats() {
    assertThat(account(30_000, 30_000, 30_000, 2, 0).lost()).isEqualTo(2);
    assertThat(account(30_000, 30_000, 30_000, 0, 4).lost()).isEqualTo(4);
  }

  @Test
  void isNotCleanWhenADeltaTookEffectTwice() {
    Account account = account(30_000, 30_001, 30_001, 0, 0);

    assertThat(account.lost()).isZero();
    assertThat(account.isClean()).isFalse();
  }

  @Test
  void tellsItAllOnOneLine() {
    assertThat(account(41_210, 41_210, 41_210, 0, 0).line())
        .isEqualTo(
            "produced 41210  applied 41210  delivered 41210  lost 0  p50 3.1 ms  p99 3.1 ms");
  }

  private static Account account(
      long produced, long applied, long delivered, long broken, long wrongSeats) {
    Histogram latency = new Histogram(3);
    latency.recordValue(3_100);
    return new Account(20, produced, 0, applied, delivered, 0, broken, wrongSeats, latency);
  }
}

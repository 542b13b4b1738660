package io.millrace.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.benchmarks.VersionLedger.Check;
import org.junit.jupiter.api.Test;

/** The books of one subscriber. */
final class VersionLedgerTest {
  private final VersionLedger ledger = new VersionLedger(3);

  @Test
  void everyVersionOnceAndInOrderIsGood() {
    patched(4, 5, 6);

    assertThat(ledger.check(6)).isEqualTo(new Check(3, 0, 0, 0, 0));
    assertThat(ledger.check(6).good()).isTrue();
    assertThat(ledger.isComplete(6)).isTrue();
  }

  @Test
  void aHoleIsALoss() {
    patched(4, 7);

    assertThat(ledger.check(7)).isEqualTo(new Check(2, 2, 0, 0, 0));
    assertThat(ledger.check(7).good()).isFalse();
    assertThat(ledger.isComplete(7)).isFalse();
  }

  @Test
  void whatIsMissingAtTheEndIsALoss() {
    patched(4);

    assertThat(ledger.check(6).lost()).isEqualTo(2);
    assertThat(ledger.isComplete(6)).isFalse();
  }

  @Test
  void aVersionThatComesTwiceIsADuplicate() {
    patched(4, 5, 5, 4);

    assertThat(ledger.check(5)).isEqualTo(new Check(2, 0, 0, 2, 0));
    assertThat(ledger.check(5).good()).isFalse();
  }

  @Test
  void aVersionThatComesLateIsOutOfOrderAndNoLoss() {
    patched(5, 4);

    assertThat(ledger.check(5)).isEqualTo(new Check(2, 0, 0, 0, 1));
    assertThat(ledger.check(5).good()).isFalse();
  }

  @Test
  void aFullStateStandsForWhatWasBeforeIt() {
    patched(4, 6);
    ledger.updated(9);

    assertThat(ledger.check(9)).isEqualTo(new Check(3, 0, 3, 0, 0));
    assertThat(ledger.check(9).good()).isTrue();
  }

  private void patched(int... versions) {
    for (int version : versions) {
      ledger.patched(version);
    }
  }
}

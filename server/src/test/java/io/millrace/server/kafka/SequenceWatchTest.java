package io.millrace.server.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.kafka.SequenceWatch.Finding;
import org.junit.jupiter.api.Test;

class SequenceWatchTest {
  private final SequenceWatch watch = new SequenceWatch();
  private long offset;

  private Finding saw(long sequence) {
    Finding found = watch.saw(sequence, offset);
    watch.passed(offset);
    offset++;
    return found;
  }

  @Test
  void numbersThatGrowByOneShowNothing() {
    assertThat(saw(7)).isEqualTo(Finding.NOTHING);
    assertThat(saw(8)).isEqualTo(Finding.NOTHING);
  }

  @Test
  void whatIsLeftOutIsCounted() {
    saw(7);
    assertThat(saw(11)).isEqualTo(new Finding(3, false));
    assertThat(saw(12)).isEqualTo(Finding.NOTHING);
  }

  @Test
  void whatComesLateOrTwiceIsLate() {
    saw(7);
    saw(9);
    assertThat(saw(8)).isEqualTo(new Finding(0, true));
    assertThat(saw(9)).isEqualTo(new Finding(0, true));
    assertThat(saw(10)).isEqualTo(Finding.NOTHING);
  }

  @Test
  void aMessageThatIsHandedOverAgainShowsNothing() {
    saw(7);
    saw(9);
    assertThat(watch.saw(9, 1)).isEqualTo(Finding.NOTHING);
    assertThat(saw(10)).isEqualTo(Finding.NOTHING);
  }
}

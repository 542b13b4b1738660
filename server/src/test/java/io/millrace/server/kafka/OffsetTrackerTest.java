package io.millrace.server.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OffsetTrackerTest {
  private final OffsetTracker tracker = new OffsetTracker(5);

  @Test
  void startsWhereItWasTold() {
    assertThat(tracker.next()).isEqualTo(5);
  }

  @Test
  void waitsForTheFirstThatIsOpen() {
    tracker.read(5);
    tracker.read(6);
    tracker.read(7);

    tracker.completed(6);
    assertThat(tracker.next()).isEqualTo(5);

    tracker.completed(5);
    assertThat(tracker.next()).isEqualTo(7);

    tracker.completed(7);
    assertThat(tracker.next()).isEqualTo(8);
  }

  @Test
  void gapsInTheLogHoldNothingUp() {
    tracker.read(9);
    assertThat(tracker.next()).isEqualTo(9);

    tracker.read(20);
    tracker.completed(9);
    assertThat(tracker.next()).isEqualTo(20);
  }

  @Test
  void offsetsThatGoBackAreABug() {
    tracker.read(9);

    assertThatIllegalArgumentException().isThrownBy(() -> tracker.read(9));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void neverLeadsWhateverTheOrderOfCompletion(long seed) {
    Random random = new Random(seed);
    OffsetTracker any = new OffsetTracker(0);
    List<Long> open = new ArrayList<>();
    for (long offset = 0; offset < 500; offset += 1 + random.nextInt(3)) {
      any.read(offset);
      open.add(offset);
    }
    long end = open.getLast() + 1;
    TreeSet<Long> notDone = new TreeSet<>(open);
    Collections.shuffle(open, random);
    for (long offset : open) {
      any.completed(offset);
      notDone.remove(offset);
      assertThat(any.next()).isEqualTo(notDone.isEmpty() ? end : notDone.first());
    }
  }
}

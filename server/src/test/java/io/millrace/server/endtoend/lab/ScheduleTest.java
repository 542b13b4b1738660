package io.millrace.server.endtoend.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ScheduleTest {
  private static final Duration TOLERATED = Duration.ofSeconds(5);

  private static List<Schedule.Fault> faults(long seed) {
    Schedule schedule = new Schedule(seed, 3, TOLERATED);
    List<Schedule.Fault> faults = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      faults.add(schedule.next());
    }
    return faults;
  }

  @Test
  void theSameSeedBreaksTheSameThings() {
    assertThat(faults(7)).isEqualTo(faults(7)).isNotEqualTo(faults(8));
  }

  @Test
  void everyKindComesOnceBeforeAnyComesAgain() {
    assertThat(faults(7).subList(8, 16)).extracting(Object::getClass).doesNotHaveDuplicates();
  }

  @Test
  void pausesAndCutsAreShorterAndLongerThanWhatIsTolerated() {
    assertThat(faults(7))
        .anyMatch(it -> it instanceof Schedule.Pause && it.lasting().compareTo(TOLERATED) < 0)
        .anyMatch(it -> it instanceof Schedule.Pause && it.lasting().compareTo(TOLERATED) > 0)
        .anyMatch(it -> it instanceof Schedule.Cut && it.lasting().compareTo(TOLERATED) < 0)
        .anyMatch(it -> it instanceof Schedule.Cut && it.lasting().compareTo(TOLERATED) > 0);
  }
}

package io.millrace.examples.onsale;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HostSalesTest {
  private static final List<Section> SECTIONS = Venue.SECTIONS.subList(0, 5);
  private static final int DELTAS = 50_000;

  private final HostSales sales = new HostSales(SECTIONS, 42);

  @Test
  void truthEqualsTheReplayedDeltas() {
    Map<String, SeatState> replayed = new HashMap<>();
    for (SeatDelta delta : sell()) {
      replayed.put(key(delta.section(), delta.seat()), delta.state());
    }

    for (SectionSales section : sales.sections()) {
      for (int i = 0; i < section.size(); i++) {
        String seat = key(section.section(), section.section().seats().get(i));
        assertThat(replayed.getOrDefault(seat, SeatState.AVAILABLE))
            .as(seat)
            .isEqualTo(section.state(i));
      }
    }
  }

  @Test
  void numbersTheDeltasOfASectionWithoutAGap() {
    Map<Section, Integer> last = new HashMap<>();
    for (SeatDelta delta : sell()) {
      int expected = last.getOrDefault(delta.section(), 0) + 1;
      assertThat(delta.number()).isEqualTo(expected);
      last.put(delta.section(), expected);
    }
    assertThat(sales.sections())
        .allSatisfy(section -> assertThat(section.deltas()).isEqualTo(last.get(section.section())));
  }

  @Test
  void everySeatIsHeldBeforeItIsSoldAndEveryDeltaChangesSomething() {
    Map<String, SeatState> seats = new HashMap<>();
    for (SeatDelta delta : sell()) {
      SeatState before =
          seats.getOrDefault(key(delta.section(), delta.seat()), SeatState.AVAILABLE);
      switch (delta.state()) {
        case HELD -> assertThat(before).isEqualTo(SeatState.AVAILABLE);
        case SOLD -> assertThat(before).isEqualTo(SeatState.HELD);
        case AVAILABLE -> assertThat(before).isNotEqualTo(SeatState.AVAILABLE);
      }
      seats.put(key(delta.section(), delta.seat()), delta.state());
    }
  }

  @Test
  void goesOnWhenNearlyEverythingIsSold() {
    assertThat(sell().subList(DELTAS - 1_000, DELTAS))
        .extracting(SeatDelta::state)
        .contains(SeatState.AVAILABLE, SeatState.HELD, SeatState.SOLD);
  }

  @Test
  void countsTheSeatsThatAreLeft() {
    sell();

    for (SectionSales section : sales.sections()) {
      long left = 0;
      for (int i = 0; i < section.size(); i++) {
        left += section.state(i) == SeatState.AVAILABLE ? 1 : 0;
      }
      assertThat(section.available()).isEqualTo((int) left);
    }
  }

  /** A minute and a half of one Host. */
  private List<SeatDelta> sell() {
    List<SeatDelta> deltas = new ArrayList<>();
    for (int i = 0; i < DELTAS; i++) {
      deltas.add(sales.next(i * 2L));
    }
    return deltas;
  }

  private static String key(Section section, String seat) {
    return section.id() + "/" + seat;
  }
}

package io.millrace.examples.onsale;

import java.util.Arrays;

/**
 * The truth about one section, as its Host knows it. Confined to the Host's thread while it sells;
 * others read it after the thread has ended.
 */
final class SectionSales {
  private final Section section;
  private final SeatState[] states;
  private int available;
  private int deltas;

  SectionSales(Section section) {
    this.section = section;
    states = new SeatState[section.seats().size()];
    Arrays.fill(states, SeatState.AVAILABLE);
    available = states.length;
  }

  Section section() {
    return section;
  }

  SeatState state(int seat) {
    return states[seat];
  }

  int size() {
    return states.length;
  }

  int available() {
    return available;
  }

  /** Deltas about this section so far, its opening included: the version its record must get. */
  int deltas() {
    return deltas;
  }

  /** Counts the delta that puts the whole section on sale. */
  void open() {
    deltas++;
  }

  SeatDelta change(int seat, SeatState to) {
    if (states[seat] == SeatState.AVAILABLE) {
      available--;
    }
    if (to == SeatState.AVAILABLE) {
      available++;
    }
    states[seat] = to;
    deltas++;
    return new SeatDelta(section, section.seats().get(seat), to, deltas);
  }
}

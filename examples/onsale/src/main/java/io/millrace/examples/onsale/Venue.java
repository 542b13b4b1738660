package io.millrace.examples.onsale;

import java.util.ArrayList;
import java.util.List;

/**
 * The arena: 20,000 seats in 60 sections, 6 on the floor, 18 in the lower and 36 in the upper tier.
 * The page draws the same plan.
 */
final class Venue {
  static final int SEATS = 20_000;
  static final List<Section> SECTIONS = plan();

  private static final int FLOOR = 6;
  private static final int LOWER = 18;
  private static final int UPPER = 36;

  private Venue() {}

  private static List<Section> plan() {
    int sections = FLOOR + LOWER + UPPER;
    List<Section> plan = new ArrayList<>();
    for (int i = 0; i < sections; i++) {
      int seats = SEATS / sections + (i < SEATS % sections ? 1 : 0);
      plan.add(new Section("S-%02d".formatted(i + 1), seatNames(rows(i, seats))));
    }
    return List.copyOf(plan);
  }

  /** Seats per row, front to back. Rows of the tiers grow towards the back, as arcs do. */
  private static int[] rows(int section, int seats) {
    if (section < FLOOR) {
      return rows(seats, 18, 18);
    }
    return section < FLOOR + LOWER ? rows(seats, 22, 12) : rows(seats, 30, 9);
  }

  private static int[] rows(int seats, int rows, int first) {
    double last = 2.0 * seats / rows - first;
    int[] plan = new int[rows];
    int left = seats;
    for (int i = 0; i < rows; i++) {
      plan[i] = (int) Math.round(first + (last - first) * i / (rows - 1));
      left -= plan[i];
    }
    // Rounding leaves a few seats over or short: the back rows take them.
    for (int i = rows - 1; left != 0; i = (i + rows - 1) % rows) {
      plan[i] += Integer.signum(left);
      left -= Integer.signum(left);
    }
    return plan;
  }

  private static List<String> seatNames(int[] rows) {
    List<String> names = new ArrayList<>();
    for (int row = 1; row <= rows.length; row++) {
      for (int seat = 1; seat <= rows[row - 1]; seat++) {
        names.add(row + "-" + seat);
      }
    }
    return names;
  }
}

package io.millrace.examples.onsale;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * What happens at one Host, delta by delta, as fast as it is asked. People hold one to six seats
 * side by side, and some seconds later buy them or let them go. They come in bursts: for a while
 * most want the same section. When a section is nearly sold out, an allocation comes back (a
 * sponsor's block, say) and is on sale again, so that it never ends.
 *
 * <p>Pure but for its own state: time is passed in, chance comes from the seed. Not thread-safe.
 */
final class HostSales {
  private static final int MAX_ORDER = 6;
  private static final long SHORTEST_HOLD_MS = 700;
  private static final long LONGEST_HOLD_MS = 5_000;
  private static final double BOUGHT = 0.78;
  private static final double IN_BURST = 0.55;
  private static final long BURST_MS = 1_800;
  private static final double NEARLY_SOLD_OUT = 0.08;
  private static final int ALLOCATION = 90;

  private final List<SectionSales> sections;
  private final RandomGenerator random;
  private final Queue<Step> agreed = new ArrayDeque<>();
  private final PriorityQueue<Order> held =
      new PriorityQueue<>(Comparator.comparingLong(Order::decidedAt));
  private int burstSection;
  private long burstEnds = Long.MIN_VALUE;

  private record Step(SectionSales section, int seat, SeatState to) {}

  private record Order(SectionSales section, List<Integer> seats, long decidedAt) {}

  HostSales(List<Section> sections, long seed) {
    if (sections.isEmpty()) {
      throw new IllegalArgumentException("a Host without sections has nothing to sell");
    }
    this.sections = sections.stream().map(SectionSales::new).toList();
    random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  List<SectionSales> sections() {
    return sections;
  }

  /** The next change at {@code nowMs}, which must not go back. It is part of the truth at once. */
  SeatDelta next(long nowMs) {
    while (agreed.isEmpty()) {
      agree(nowMs);
    }
    Step step = agreed.remove();
    return step.section.change(step.seat, step.to);
  }

  private void agree(long nowMs) {
    Order oldest = held.peek();
    if (oldest != null && oldest.decidedAt <= nowMs) {
      decide(held.remove());
      return;
    }
    SectionSales section = wanted(nowMs);
    if (section.available() < NEARLY_SOLD_OUT * section.size()) {
      giveBack(section);
    } else {
      hold(section, nowMs);
    }
    // Everything held and nothing to give back: somebody makes up their mind early.
    if (agreed.isEmpty() && !held.isEmpty()) {
      decide(held.remove());
    }
  }

  private SectionSales wanted(long nowMs) {
    if (nowMs >= burstEnds) {
      burstSection = random.nextInt(sections.size());
      burstEnds = nowMs + BURST_MS / 2 + random.nextLong(BURST_MS);
    }
    if (random.nextDouble() < IN_BURST) {
      return sections.get(burstSection);
    }
    // The front sections first: squaring pulls towards index 0.
    double pull = random.nextDouble();
    return sections.get((int) (pull * pull * sections.size()));
  }

  private void decide(Order order) {
    SeatState end = random.nextDouble() < BOUGHT ? SeatState.SOLD : SeatState.AVAILABLE;
    order.seats.forEach(seat -> agreed.add(new Step(order.section, seat, end)));
  }

  private void hold(SectionSales section, long nowMs) {
    List<Integer> seats = neighbours(section, SeatState.AVAILABLE, 1 + random.nextInt(MAX_ORDER));
    if (seats.isEmpty()) {
      return;
    }
    seats.forEach(seat -> agreed.add(new Step(section, seat, SeatState.HELD)));
    long patience = random.nextLong(SHORTEST_HOLD_MS, LONGEST_HOLD_MS);
    held.add(new Order(section, seats, nowMs + patience));
  }

  private void giveBack(SectionSales section) {
    neighbours(section, SeatState.SOLD, ALLOCATION)
        .forEach(seat -> agreed.add(new Step(section, seat, SeatState.AVAILABLE)));
  }

  /** Up to {@code count} seats in this state, in order, from a random one on. */
  private List<Integer> neighbours(SectionSales section, SeatState state, int count) {
    List<Integer> seats = new ArrayList<>();
    int start = random.nextInt(section.size());
    for (int i = 0; i < section.size() && seats.size() < count; i++) {
      int seat = (start + i) % section.size();
      if (section.state(seat) == state) {
        seats.add(seat);
      }
    }
    return seats;
  }
}

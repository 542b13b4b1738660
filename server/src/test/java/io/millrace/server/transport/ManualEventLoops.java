package io.millrace.server.transport;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Event loops in the hand of a test: they share its thread, run one task when told to, and have a
 * clock that moves when told to.
 */
public final class ManualEventLoops {
  private final List<Loop> loops;
  private final PriorityQueue<Alarm> timers =
      new PriorityQueue<>(Comparator.comparingLong(Alarm::atNs).thenComparing(Alarm::number));
  private @Nullable Loop running;
  private long nowNs;
  private long timersMade;

  private record Alarm(long atNs, long number, Loop loop, Runnable task) {}

  public ManualEventLoops(int count) {
    this.loops = IntStream.range(0, count).mapToObj(Loop::new).toList();
  }

  public EventLoops all() {
    return new EventLoops(List.copyOf(loops));
  }

  /** The loops that have something to do. */
  public List<Integer> busy() {
    List<Integer> busy = new ArrayList<>();
    for (Loop loop : loops) {
      if (!loop.tasks.isEmpty()) {
        busy.add(loop.index);
      }
    }
    return busy;
  }

  /** Runs the oldest task of the loop. */
  public void runOne(int index) {
    Loop loop = loops.get(index);
    Runnable task = loop.tasks.remove();
    running = loop;
    try {
      task.run();
    } finally {
      running = null;
    }
  }

  /** Runs the task before all that is queued, as loops do with what they read from sockets. */
  public void runFirst(int index, Runnable task) {
    loops.get(index).tasks.addFirst(task);
    runOne(index);
  }

  /** Runs tasks until there are none. */
  public void runAll() {
    for (List<Integer> busy = busy(); !busy.isEmpty(); busy = busy()) {
      runOne(busy.get(0));
    }
  }

  /** Moves the clock; timers that are due by then become tasks, in the order of their times. */
  public void advance(Duration duration) {
    nowNs += duration.toNanos();
    for (Alarm first = timers.peek();
        first != null && first.atNs() <= nowNs;
        first = timers.peek()) {
      timers.remove();
      first.loop().execute(first.task());
    }
  }

  /** The time by which the timers go. */
  public long nowNs() {
    return nowNs;
  }

  /** How many timers are yet to run. */
  public int timers() {
    return timers.size();
  }

  private final class Loop implements EventLoop {
    private final int index;
    private final Deque<Runnable> tasks = new ArrayDeque<>();

    Loop(int index) {
      this.index = index;
    }

    @Override
    public int index() {
      return index;
    }

    @Override
    public boolean inLoop() {
      return running == this;
    }

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      boolean[] cancelled = new boolean[1];
      Alarm alarm =
          new Alarm(
              nowNs + delay.toNanos(),
              timersMade++,
              this,
              () -> {
                if (!cancelled[0]) {
                  task.run();
                }
              });
      timers.add(alarm);
      return () -> {
        cancelled[0] = true;
        timers.remove(alarm);
      };
    }
  }
}

package io.millrace.benchmarks;

import io.millrace.benchmarks.client.LoadClient;
import io.millrace.benchmarks.client.LoadClients;
import io.millrace.benchmarks.client.LoadClients.Lane;
import io.millrace.benchmarks.client.LoadException;
import io.millrace.benchmarks.server.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Writers that patch a record each and wait for acknowledgements, with some patches in flight: a
 * closed loop, that shows how much the server can take. Its latencies say how long the queue is;
 * compare them only with those of the same settings.
 */
final class Writes {
  private static final long GRACE_NS = TimeUnit.SECONDS.toNanos(60);

  private final Settings settings;
  private final Target target;
  private final Problems problems = new Problems();
  private final Histogram latencies = new Histogram(TimeUnit.MINUTES.toNanos(5), 3);
  private final AtomicLong acknowledged = new AtomicLong();

  private boolean measuring;
  private boolean stopping;

  /**
   * What to do.
   *
   * @param depth patches of one writer that wait for their acknowledgement
   * @param seats in each record
   */
  record Settings(int writers, int depth, int seats, int warmUpSeconds, int seconds) {}

  /**
   * What came of it.
   *
   * @param unacknowledged patches that were never answered
   */
  record Result(
      String scenario,
      Settings settings,
      long writes,
      long writesPerSecond,
      Cost cpuMicrosPerWrite,
      Percentiles latencyMillis,
      long unacknowledged,
      long problems,
      List<String> firstProblems,
      Circumstances circumstances)
      implements Rounds.Measured {

    /** Whether every patch was acknowledged once and in order. */
    @Override
    public boolean good() {
      return unacknowledged == 0 && problems == 0;
    }

    @Override
    public @Nullable Double cpuMicros() {
      return cpuMicrosPerWrite.server();
    }
  }

  Writes(Settings settings, Target target) {
    this.settings = settings;
    this.target = target;
  }

  /**
   * Runs it.
   *
   * @throws LoadException when it could not be done
   */
  Result run() {
    try (LoadClients clients = new LoadClients(target.host(), target.port(), target.path())) {
      List<AckedWriter> writers = new ArrayList<>();
      for (int i = 0; i < settings.writers(); i++) {
        writers.add(new AckedWriter("bench/" + System.nanoTime() + "/" + i, settings, this));
      }
      List<LoadClient> sockets = clients.open(Lane.WRITERS, settings.writers(), writers::get);
      clients.onLane(
          Lane.WRITERS,
          () -> {
            for (int i = 0; i < sockets.size(); i++) {
              writers.get(i).start(sockets.get(i));
            }
          });
      pause(settings.warmUpSeconds());
      clients.onLane(Lane.WRITERS, () -> measuring = true);
      long acknowledgedBefore = acknowledged.get();
      long startNs = System.nanoTime();
      Cost.Mark before = Cost.Mark.now(target);
      pause(settings.seconds());
      long writes = acknowledged.get() - acknowledgedBefore;
      Cost.Mark after = Cost.Mark.now(target);
      long tookNs = System.nanoTime() - startNs;
      clients.onLane(Lane.WRITERS, () -> stopping = true);
      long unacknowledged = awaitAnswers(clients, writers);
      clients.onLane(Lane.WRITERS, () -> writers.forEach(AckedWriter::delete));
      return new Result(
          "write",
          settings,
          writes,
          Math.round(writes * 1e9 / tookNs),
          before.until(after, writes),
          Percentiles.of(latencies),
          unacknowledged,
          problems.count(),
          problems.first(),
          Circumstances.now());
    }
  }

  /** On the writers' thread. */
  void acknowledged(long nanos) {
    acknowledged.incrementAndGet();
    if (measuring && !stopping) {
      latencies.recordValue(nanos);
    }
  }

  /** On the writers' thread. */
  boolean isStopping() {
    return stopping;
  }

  void problem(String what) {
    problems.add(what);
  }

  private static void pause(int seconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }

  private static long awaitAnswers(LoadClients clients, List<AckedWriter> writers) {
    long end = System.nanoTime() + GRACE_NS;
    long[] open = {0};
    do {
      clients.onLane(
          Lane.WRITERS, () -> open[0] = writers.stream().mapToLong(AckedWriter::inFlight).sum());
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    } while (open[0] > 0 && System.nanoTime() < end);
    return open[0];
  }
}

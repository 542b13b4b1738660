package io.millrace.benchmarks;

import io.millrace.benchmarks.client.LoadClient;
import io.millrace.benchmarks.client.LoadClients;
import io.millrace.benchmarks.client.LoadClients.Lane;
import io.millrace.benchmarks.client.LoadException;
import io.millrace.benchmarks.server.Target;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Many subscribers of one record, and one writer that patches a random seat at a fixed rate.
 *
 * <p>The load is open-loop: a patch is due when the clock says so, whether or not the server keeps
 * up, and its latency counts from that moment. So a server that stalls can't hide it by slowing the
 * load down. Version and due time belong together, so nothing has to be said in the payload.
 */
final class Fanout {
  private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long GRACE_NS = 30 * SECOND_NS;
  private static final long SILENCE_NS = 10 * SECOND_NS;

  private final Settings settings;
  private final Target target;
  private final RecordName name = new RecordName("bench/" + Long.toHexString(System.nanoTime()));
  private final Problems problems = new Problems();
  private final Histogram latencies = new Histogram(TimeUnit.MINUTES.toNanos(5), 3);
  private final long intervalNs;

  private final AtomicLong delivered = new AtomicLong();
  private volatile long startNs;
  private volatile int firstVersion;
  private volatile int firstMeasured = Integer.MAX_VALUE;
  private volatile int lastMeasured = Integer.MAX_VALUE;

  /**
   * What to do.
   *
   * @param rate patches per second
   * @param seats in the record
   * @param length of a patch's value, in characters
   */
  record Settings(
      int subscribers, int rate, int seats, int length, int warmUpSeconds, int seconds) {}

  /** What came of it; deliveries and costs are those of the measured seconds. */
  record Result(
      String scenario,
      Settings settings,
      long deliveries,
      Cost cpuMicrosPerDelivery,
      Cost cpuMicrosPerPatch,
      Percentiles latencyMillis,
      VersionLedger.Check check,
      long problems,
      List<String> firstProblems,
      Circumstances circumstances)
      implements Rounds.Measured {

    /** Whether everything arrived once and in order, and nothing else happened. */
    @Override
    public boolean good() {
      return check.good() && problems == 0;
    }

    /** Per delivery; where few subscribers follow a large record, per patch. */
    @Override
    public @Nullable Double cpuMicros() {
      return scenario.equals("large") ? cpuMicrosPerPatch.server() : cpuMicrosPerDelivery.server();
    }
  }

  Fanout(Settings settings, Target target) {
    this.settings = settings;
    this.target = target;
    this.intervalNs = SECOND_NS / settings.rate();
  }

  /**
   * Runs it; takes the seconds of the settings and some for getting ready.
   *
   * @throws LoadException when it could not be done
   */
  Result run(String scenario) {
    try (LoadClients clients = new LoadClients(target.host(), target.port(), target.path())) {
      RecordWriter writer = new RecordWriter(clients, name, problems);
      writer.create(SeatRecords.record(settings.seats()));
      List<Subscriber> subscribers = subscribe(clients);
      firstVersion = writer.version() + 1;
      startNs = System.nanoTime();
      int warmUp = settings.warmUpSeconds() * settings.rate();
      int measured = settings.seconds() * settings.rate();
      firstMeasured = firstVersion + warmUp;
      lastMeasured = firstMeasured + measured - 1;

      patch(writer, firstMeasured - 1);
      long deliveredBefore = delivered.get();
      Cost.Mark before = Cost.Mark.now(target);
      patch(writer, lastMeasured);
      Cost.Mark after = Cost.Mark.now(target);
      long deliveries = delivered.get() - deliveredBefore;

      awaitDeliveries(clients, subscribers);
      VersionLedger.Check check = check(clients, subscribers);
      Result result =
          new Result(
              scenario,
              settings,
              deliveries,
              before.until(after, deliveries),
              before.until(after, measured),
              Percentiles.of(latencies),
              check,
              problems.count(),
              problems.first(),
              Circumstances.now());
      writer.delete();
      return result;
    }
  }

  private List<Subscriber> subscribe(LoadClients clients) {
    CountDownLatch ready = new CountDownLatch(settings.subscribers());
    List<Subscriber> subscribers = new ArrayList<>();
    for (int i = 0; i < settings.subscribers(); i++) {
      subscribers.add(new Subscriber(this::delivered, ready, problems));
    }
    var follow =
        new RecordRequest.Bulk(RecordAction.SUBSCRIBECREATEANDREAD, List.of(name), "subscribe");
    for (LoadClient client : clients.open(Lane.READERS, settings.subscribers(), subscribers::get)) {
      client.send(follow);
    }
    try {
      if (!ready.await(60, TimeUnit.SECONDS)) {
        throw new LoadException(ready.getCount() + " subscribers got no state " + problems.first());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LoadException("interrupted");
    }
    return subscribers;
  }

  /** On the readers' thread. */
  private void delivered(int version) {
    if (version >= firstMeasured && version <= lastMeasured) {
      latencies.recordValue(Math.max(0, System.nanoTime() - dueNs(version)));
    }
    delivered.incrementAndGet();
  }

  private long dueNs(int version) {
    return startNs + (version - firstVersion) * intervalNs;
  }

  /** Sends what is due, when it is due, up to a version. */
  private void patch(RecordWriter writer, int last) {
    Random random = new Random(last);
    while (writer.version() < last) {
      long wait = dueNs(writer.version() + 1) - System.nanoTime();
      if (wait > 0) {
        LockSupport.parkNanos(wait);
        continue;
      }
      JsonText seat = SeatRecords.seat(writer.version() + 1, settings.length());
      writer.patch(SeatRecords.path(random.nextInt(settings.seats())), seat);
    }
  }

  /** Returns when all has arrived, nothing has for some seconds, or it takes too long. */
  private void awaitDeliveries(LoadClients clients, List<Subscriber> subscribers) {
    long end = System.nanoTime() + GRACE_NS;
    long lastDelivered = delivered.get();
    long silentSince = System.nanoTime();
    while (!areComplete(clients, subscribers)
        && System.nanoTime() < end
        && System.nanoTime() - silentSince < SILENCE_NS) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
      long now = delivered.get();
      if (now != lastDelivered) {
        lastDelivered = now;
        silentSince = System.nanoTime();
      }
    }
  }

  private boolean areComplete(LoadClients clients, List<Subscriber> subscribers) {
    AtomicBoolean complete = new AtomicBoolean();
    clients.onLane(
        Lane.READERS,
        () -> complete.set(subscribers.stream().allMatch(each -> each.isComplete(lastMeasured))));
    return complete.get();
  }

  private VersionLedger.Check check(LoadClients clients, List<Subscriber> subscribers) {
    List<VersionLedger.Check> checks = new ArrayList<>();
    clients.onLane(
        Lane.READERS, () -> subscribers.forEach(each -> checks.add(each.check(lastMeasured))));
    return checks.stream().reduce(VersionLedger.Check.NOTHING, VersionLedger.Check::plus);
  }
}

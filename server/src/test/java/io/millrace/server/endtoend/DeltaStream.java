package io.millrace.server.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Counters: each delta sets a key of its own in some record, so a record that got each of its N
 * deltas once has N keys and is at version N; with one delta twice it would be at N + 1. Some
 * records are deleted now and then, and begin again at zero.
 */
final class DeltaStream implements AutoCloseable {
  private static final int RECORDS = 20;

  /** The records after these are never deleted. */
  private static final int DELETED_RECORDS = 6;

  /**
   * The records from this one on are large, and so stored less often than the reading of the log
   * is: who commits an offset without waiting for the record loses deltas of theirs.
   */
  private static final int LARGE_RECORDS = 18;

  private static final String FILLER = "\"" + "x".repeat(400_000) + "\"";

  private static final int PER_TICK = 10;
  private static final Duration TICK = Duration.ofMillis(10);

  private final Deltas deltas;
  private final Random random;
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

  /** By record: the numbers of its deltas since it was last deleted. */
  private final List<List<Integer>> expected = new ArrayList<>();

  private @Nullable ScheduledFuture<?> sending;
  private int sent;
  private int deletes;

  DeltaStream(String bootstrapServers, String topic, long seed) {
    deltas = new Deltas(bootstrapServers, topic);
    random = new Random(seed + 1);
    for (int i = 0; i < RECORDS; i++) {
      expected.add(new ArrayList<>());
    }
  }

  /** Sends about a thousand deltas per second from now on. */
  void start() {
    for (int record = LARGE_RECORDS; record < RECORDS; record++) {
      patch(record, FILLER);
    }
    sending = clock.scheduleAtFixedRate(this::tick, 0, TICK.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void tick() {
    for (int i = 0; i < PER_TICK; i++) {
      int record = random.nextInt(RECORDS);
      if (record < DELETED_RECORDS && random.nextInt(30) == 0) {
        deletes++;
        expected.get(record).clear();
        deltas.send(name(record), "{\"op\":\"delete\"}");
      }
      patch(record, "0");
    }
  }

  private void patch(int record, String value) {
    sent++;
    expected.get(record).add(sent);
    deltas.send(name(record), "{\"op\":\"patch\",\"n\":" + sent + ",\"v\":" + value + "}");
  }

  /** Sends no more, but one last delta to each record: behind it, nothing can be on its way. */
  void finish() throws Exception {
    ScheduledFuture<?> ticks = sending;
    if (ticks == null) {
      throw new IllegalStateException("not started");
    }
    ticks.cancel(false);
    clock
        .submit(
            () -> {
              for (int record = 0; record < RECORDS; record++) {
                patch(record, "0");
              }
              deltas.confirm();
            })
        .get(120, TimeUnit.SECONDS);
    assertThat(deletes).isPositive();
  }

  int sent() {
    return sent;
  }

  /** Returns when each record has its last delta. */
  void awaitEnd(RecordReader reader) {
    for (int record = 0; record < RECORDS; record++) {
      String name = name(record);
      String last = "k" + expected.get(record).getLast();
      await()
          .atMost(Duration.ofSeconds(120))
          .pollInterval(Duration.ofMillis(100))
          .until(() -> reader.read(name).data().has(last));
    }
  }

  void assertTookEffectOnce(RecordReader reader) {
    for (int record = 0; record < RECORDS; record++) {
      List<Integer> numbers = expected.get(record);
      RecordReader.State state = reader.read(name(record));
      TreeSet<Integer> found = new TreeSet<>();
      state.data().fieldNames().forEachRemaining(key -> found.add(number(key)));
      assertThat(found).as("deltas in %s", name(record)).isEqualTo(new TreeSet<>(numbers));
      assertThat(state.version())
          .as("version of %s after %d deltas", name(record), numbers.size())
          .isEqualTo(numbers.size());
    }
  }

  private static int number(String key) {
    return Integer.parseInt(key.substring(1));
  }

  private static String name(int record) {
    return "counter-" + record;
  }

  @Override
  public void close() {
    clock.shutdownNow();
    deltas.close();
  }
}

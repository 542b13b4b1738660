package io.millrace.server.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.server.endtoend.RacingClient.Lost;
import io.millrace.server.endtoend.RacingClient.Write;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** P1 to P3: many write to the same records at once, in every way there is, and others look on. */
final class ConvergenceIT {
  private static final Logger LOG = LoggerFactory.getLogger(ConvergenceIT.class);
  private static final int CLIENTS = 8;
  private static final int OBSERVERS = 4;
  private static final int WRITES_EACH = 600;

  /** Changed path by path; so what was acknowledged stays. */
  private static final String PATCHED = "patched";

  /** Replaced as a whole, too. */
  private static final String REPLACED = "replaced";

  /** Deleted, too. */
  private static final String DELETED = "deleted";

  private static final List<String> RECORDS = List.of(PATCHED, REPLACED, DELETED);
  private static final List<String> NEVER_DELETED = List.of(PATCHED, REPLACED);

  private final List<RacingClient> clients = new ArrayList<>();
  private final List<Observer> observers = new ArrayList<>();
  private TestServer server;

  @BeforeEach
  void start() {
    server = TestServer.start();
  }

  @AfterEach
  void stop() throws Exception {
    for (RacingClient client : clients) {
      client.close();
    }
    for (Observer observer : observers) {
      observer.close();
    }
    server.close();
  }

  @Test
  @Timeout(300)
  void allWhoLookOnEndWithWhatTheGridHas() throws Exception {
    long seed = Long.getLong("millrace.seed", System.nanoTime());
    LOG.info("writes of -Dmillrace.seed={}", seed);
    for (int i = 0; i < OBSERVERS; i++) {
      observers.add(new Observer(server.port(), RECORDS));
    }
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(new RacingClient(i, server.port(), RECORDS, seed));
    }

    race(seed);

    assertThat(clients).allSatisfy(client -> assertThat(client.fault()).isNull());
    try (RecordReader grid = new RecordReader(server.uri())) {
      for (String record : RECORDS) {
        await()
            .atMost(Duration.ofSeconds(60))
            .until(
                () -> {
                  RecordReader.State state = grid.read(record);
                  return observers.stream()
                      .allMatch(each -> each.fault() != null || each.has(record, state));
                });
      }
      assertThat(observers).allSatisfy(observer -> assertThat(observer.fault()).isNull());
      assertNoAcknowledgedPatchIsLost(grid.read(PATCHED));
    }
    assertEveryVersionHasOneWriter();
    assertEveryAcknowledgedWriteWasSeen();
    await().untilAsserted(this::assertLosersAreBroughtInStep);
  }

  private void race(long seed) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Future<?>> racing = new ArrayList<>();
      for (RacingClient client : clients) {
        Random random = new Random(seed + racing.size());
        racing.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < WRITES_EACH; i++) {
                    String record = RECORDS.get(random.nextInt(RECORDS.size()));
                    if (record.equals(DELETED) && random.nextInt(20) == 0) {
                      client.remove(record);
                    }
                    client.write(record, !record.equals(PATCHED));
                  }
                  client.awaitAnswers();
                  return null;
                }));
      }
      for (Future<?> each : racing) {
        Object unused = each.get(200, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** P4: unless its own writer has taken it back. */
  private void assertNoAcknowledgedPatchIsLost(RecordReader.State state) {
    for (RacingClient client : clients) {
      Set<String> erased = client.erased(PATCHED);
      List<String> kept = new ArrayList<>();
      for (Write write : client.acked()) {
        if (write.record().equals(PATCHED) && write.erased() == null) {
          kept.add(write.tag());
        }
        if (write.record().equals(PATCHED) && write.erased() != null) {
          assertThat(state.data().has(write.erased())).as("%s was erased", write).isFalse();
        }
      }
      kept.removeAll(erased);
      assertThat(kept).isNotEmpty().allMatch(tag -> state.data().has(tag));
    }
  }

  /** P1: of all who wanted to make a version, one was told that it did. */
  private void assertEveryVersionHasOneWriter() {
    for (String record : NEVER_DELETED) {
      Map<Integer, Write> winners = new HashMap<>();
      acked(record)
          .filter(write -> write.version() >= 0)
          .forEach(
              write -> {
                assertThat(winners.put(write.version(), write)).as("besides %s", write).isNull();
                for (Observer observer : observers) {
                  String writer = observer.writer(record, write.version());
                  assertThat(writer == null || writer.equals(write.tag()))
                      .as("%s was acknowledged, %s was broadcast", write, writer)
                      .isTrue();
                }
              });
      assertThat(winners).isNotEmpty();
    }
  }

  /** P2: in a patch or in a state; as many may be missing as a newer state has left out. */
  private void assertEveryAcknowledgedWriteWasSeen() {
    for (String record : NEVER_DELETED) {
      for (Observer observer : observers) {
        List<Write> unseen =
            acked(record).filter(write -> !observer.sawTag(record, write.tag())).toList();
        assertThat(unseen).hasSizeLessThanOrEqualTo(observer.skipped(record));
      }
    }
  }

  /**
   * Protocol §10.2: before a writer is told that it lost to a version, it has been sent all up to
   * that version (only its own writes are not sent to it); or it is sent the whole state after it.
   */
  private void assertLosersAreBroughtInStep() {
    assertThat(clients.stream().mapToInt(RacingClient::losses).sum()).isPositive();
    for (RacingClient client : clients) {
      for (Lost lost : client.lostAndNotHealed()) {
        if (!NEVER_DELETED.contains(lost.record())) {
          continue;
        }
        assertThat(
                IntStream.rangeClosed(lost.seen() + 1, lost.current())
                    .mapToObj(version -> writer(lost.record(), version))
                    .filter(Objects::nonNull))
            .as("versions before %s that the loser had not been sent", lost)
            .allMatch(client::owns);
      }
    }
  }

  private @Nullable String writer(String record, int version) {
    return observers.stream()
        .map(observer -> observer.writer(record, version))
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  private Stream<Write> acked(String record) {
    return clients.stream()
        .flatMap(client -> client.acked().stream())
        .filter(write -> write.record().equals(record));
  }
}

package io.millrace.examples.onsale;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.value.Json;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Compares what the Hosts did with what the server keeps and with what a follower was told. */
final class Audit {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  private Audit() {}

  /** Waits until the follower has all that was produced, or for 30 seconds; then counts. */
  static Account settle(List<SectionSales> truth, long failed, double seconds, Follower follower)
      throws InterruptedException {
    awaitAll(truth, follower);
    long applied = 0;
    long wrongSeats = 0;
    for (SectionSales section : truth) {
      RecordPush.ReadResponse record = follower.read(section.section());
      applied += Math.max(0, record.version());
      wrongSeats +=
          wrongSeats(section, Json.parse(record.data()).orElseThrow())
              + wrongSeats(section, follower.data(section.section()));
    }
    return new Account(
        seconds,
        produced(truth),
        failed,
        applied,
        follower.delivered(),
        follower.conflated(),
        follower.broken(),
        wrongSeats,
        follower.takeLatency());
  }

  static long produced(List<SectionSales> truth) {
    return truth.stream().mapToLong(SectionSales::deltas).sum();
  }

  private static void awaitAll(List<SectionSales> truth, Follower follower)
      throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!truth.stream()
        .allMatch(section -> follower.version(section.section()) >= section.deltas())) {
      if (System.nanoTime() - deadline > 0) {
        return;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      LockSupport.parkNanos(LOOK_EVERY.toNanos());
    }
  }

  /** Seats of a record's data that are not what their Host says. */
  static long wrongSeats(SectionSales truth, JsonNode data) {
    JsonNode seats = data.path("seats");
    long wrong = 0;
    for (int i = 0; i < truth.size(); i++) {
      String name = truth.section().seats().get(i);
      if (!seats.path(name).path("s").asText().equals(truth.state(i).word())) {
        wrong++;
      }
    }
    return wrong + Math.max(0, seats.size() - truth.size());
  }
}

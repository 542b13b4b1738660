package io.millrace.server.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * P6 and P3: sockets that are open and not read, on a record that changes as fast as its other
 * readers can take it. The server gets too little memory to queue what they do not read.
 */
final class SlowReaderIT {
  private static final String RECORD = "hot";
  private static final int CHANGES = 60_000;
  private static final int STALLED = 20;
  private static final int READERS = 3;

  /** Of one change; all of them are as much as the server may have off its heap. */
  private static final int LENGTH = 1_000;

  /** So many changes may be on their way to a reader: less than the server would queue for it. */
  private static final int WINDOW = 150;

  /** What the kernel takes for a socket that is not read, at the very most, and our own queue. */
  private static final int MAX_QUEUED = (8 << 20) / LENGTH;

  private static final int PATHS = 50;

  @TempDir private Path directory;
  private final List<Follower> readers = new ArrayList<>();
  private final List<Follower> stalled = new ArrayList<>();

  @AfterEach
  void leave() throws IOException {
    for (Follower each : readers) {
      each.close();
    }
    for (Follower each : stalled) {
      each.close();
    }
  }

  @Test
  @Timeout(600)
  void stalledReadersCostNobodyElseAnythingAndCatchUp() throws Exception {
    Path config =
        Files.writeString(
            directory.resolve("m.yml"),
            TestServer.with().yaml("websocket: { heartbeatInterval: 10m }").toYaml());
    try (ServerProcess server =
            ServerProcess.start(
                config, "-Xmx128m", "-XX:MaxDirectMemorySize=64m", "-XX:+ExitOnOutOfMemoryError");
        RawSocket writer = RawSocket.upgradeWide(server.port()).login();
        RecordReader grid = new RecordReader(server.uri())) {
      follow(server.port());
      for (int change = 1; change <= CHANGES; change++) {
        writer.add(patch(change));
        if (change % WINDOW == 0) {
          writer.flush();
          int goal = change;
          patiently().until(() -> readers.stream().allMatch(it -> isAt(it, goal)));
        }
      }
      patiently().until(() -> readers.stream().allMatch(it -> isAt(it, CHANGES)));

      assertThat(server.isAlive()).as(server.lastWords()).isTrue();
      assertThat(readers)
          .as("every version, one by one")
          .allSatisfy(each -> assertThat(each.fault()).isNull())
          .allSatisfy(each -> assertThat(each.patches()).isEqualTo(CHANGES))
          .allSatisfy(each -> assertThat(each.states()).isZero());
      // The last change may have come to the readers before it is counted for the others.
      double all = (double) CHANGES * (READERS + STALLED);
      await()
          .untilAsserted(
              () ->
                  assertThat(
                          Probe.metric(server.port(), "millrace_deliveries_total")
                              + Probe.metric(server.port(), "millrace_conflations_total"))
                      .isEqualTo(all));
      double delivered = Probe.metric(server.port(), "millrace_deliveries_total");
      assertThat(delivered - (double) CHANGES * READERS)
          .as("changes queued for %d stalled readers", STALLED)
          .isLessThan((double) MAX_QUEUED * STALLED);

      stalled.forEach(Follower::begin);
      patiently().until(() -> stalled.stream().allMatch(it -> isAt(it, CHANGES)));
      RecordReader.State state = grid.read(RECORD);
      assertThat(state.version()).isEqualTo(CHANGES);
      assertThat(stalled)
          .allSatisfy(each -> assertThat(each.fault()).isNull())
          .allSatisfy(each -> assertThat(each.states()).isPositive())
          .allSatisfy(each -> assertThat(each.data()).isEqualTo(state.data()));
      assertThat(readers).allSatisfy(each -> assertThat(each.data()).isEqualTo(state.data()));

      // And they follow again, change by change.
      writer.send(patch(CHANGES + 1));
      patiently().until(() -> stalled.stream().allMatch(it -> isAt(it, CHANGES + 1)));
      assertThat(stalled).allSatisfy(each -> assertThat(each.fault()).isNull());
    }
  }

  private void follow(int port) throws IOException {
    for (int i = 0; i < STALLED; i++) {
      stalled.add(new Follower(port, RECORD));
    }
    for (int i = 0; i < READERS; i++) {
      readers.add(Follower.reading(port, RECORD));
    }
  }

  private static ConditionFactory patiently() {
    return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(1));
  }

  /** True, too, when it will not get any further: that is found out later. */
  private static boolean isAt(Follower follower, int version) {
    return follower.version() >= version || follower.fault() != null;
  }

  private static RecordRequest patch(int change) {
    String value = "\"%s\"".formatted(Integer.toString(change).repeat(LENGTH).substring(0, LENGTH));
    return new RecordRequest.Patch(
        RecordAction.PATCH,
        new RecordName(RECORD),
        -1,
        "k" + change % PATHS,
        new JsonText(value),
        WriteAckRequest.NONE);
  }
}

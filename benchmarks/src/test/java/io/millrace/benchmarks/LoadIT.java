package io.millrace.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.benchmarks.FaultyProxy.Fault;
import io.millrace.benchmarks.server.Target;
import io.millrace.server.Assembly;
import io.millrace.server.config.ConfigLoader;
import java.io.IOException;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The load program counts what is there, and notices what is not. */
@Timeout(300)
final class LoadIT {
  private static final Fanout.Settings TWENTY_SUBSCRIBERS =
      new Fanout.Settings(20, 50, 100, 75, 1, 1);

  private static Assembly server;

  @BeforeAll
  static void start() {
    server =
        Assembly.start(
            ConfigLoader.parse("server: { host: 127.0.0.1, port: 0 }\nstorage: { type: none }\n"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void everyDeliveryOfAFanOutIsCounted() {
    Fanout.Result result = fanout(server.port());

    assertThat(result.check()).isEqualTo(new VersionLedger.Check(20 * 100, 0, 0, 0, 0));
    assertThat(result.firstProblems()).isEmpty();
    assertThat(result.good()).isTrue();
    assertThat(result.deliveries()).isPositive();
    assertThat(result.latencyMillis().p50()).isPositive();
  }

  @Test
  void everyCallIsAnsweredAlsoWhenItsProviderIsKilled() {
    Calls.Result result = new Calls(new Calls.Settings(2, 2, 20, 10), target(server.port())).run();

    assertThat(result.firstProblems()).isEmpty();
    assertThat(result.good()).isTrue();
    assertThat(result.answeredByOther()).isEqualTo(5);
    assertThat(result.endedWithError()).isEqualTo(5);
  }

  @Test
  void aMessageThatIsDroppedIsReportedAsLost() throws IOException {
    Fanout.Result result = fanoutThrough(Fault.DROP);

    assertThat(result.check()).isEqualTo(new VersionLedger.Check(20 * 100 - 1, 1, 0, 0, 0));
    assertThat(result.good()).isFalse();
  }

  @Test
  void aMessageThatComesTwiceIsReported() throws IOException {
    Fanout.Result result = fanoutThrough(Fault.REPEAT);

    assertThat(result.check()).isEqualTo(new VersionLedger.Check(20 * 100, 0, 0, 1, 0));
    assertThat(result.good()).isFalse();
  }

  @Test
  void messagesInTheWrongOrderAreReported() throws IOException {
    Fanout.Result result = fanoutThrough(Fault.SWAP_WITH_NEXT);

    assertThat(result.check()).isEqualTo(new VersionLedger.Check(20 * 100, 0, 0, 0, 1));
    assertThat(result.good()).isFalse();
  }

  @Test
  void acknowledgedWritesAreCountedAndNoneStaysOpen() {
    Writes.Result result =
        new Writes(new Writes.Settings(3, 4, 10, 0, 1), target(server.port())).run();

    assertThat(result.firstProblems()).isEmpty();
    assertThat(result.unacknowledged()).isZero();
    assertThat(result.writes()).isPositive();
  }

  private static Fanout.Result fanoutThrough(Fault fault) throws IOException {
    try (FaultyProxy proxy = FaultyProxy.before(server.port(), fault)) {
      return fanout(proxy.port());
    }
  }

  private static Fanout.Result fanout(int port) {
    return new Fanout(TWENTY_SUBSCRIBERS, target(port)).run("fanout");
  }

  private static Target target(int port) {
    return new Target("127.0.0.1", port, "/deepstream", OptionalLong.empty());
  }
}

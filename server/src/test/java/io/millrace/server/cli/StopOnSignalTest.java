package io.millrace.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class StopOnSignalTest {

  @Test
  void anOrderlyStopIsASuccess() {
    var stopped = new AtomicBoolean();

    assertThat(stop(() -> stopped.set(true), Duration.ofSeconds(40))).isEqualTo(0);
    assertThat(stopped).isTrue();
  }

  @Test
  void aStopThatFailsIsAFailure() {
    Runnable failing =
        () -> {
          throw new IllegalStateException("the storage is gone");
        };

    assertThat(stop(failing, Duration.ofSeconds(40))).isEqualTo(1);
  }

  @Test
  void aStopThatHangsIsGivenUp() {
    var never = new CountDownLatch(1);
    Runnable hanging =
        () -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };

    assertThat(stop(hanging, Duration.ofMillis(20))).isEqualTo(1);
    never.countDown();
  }

  @Test
  void whoeverAsksAgainWaitsForTheSameStop() {
    var stops = new AtomicInteger();
    var signal =
        new StopOnSignal(
            new RunningServer(
                0,
                stops::incrementAndGet,
                Duration.ofSeconds(40),
                CompletableFuture.completedFuture(null)));

    assertThat(signal.await()).isEqualTo(0);
    assertThat(signal.stopWithin(Duration.ofSeconds(40))).isEqualTo(0);
    assertThat(stops).hasValue(1);
  }

  private static int stop(Runnable stop, Duration patience) {
    return new StopOnSignal(new RunningServer(0, stop, patience, new CompletableFuture<>()))
        .stopWithin(patience);
  }
}

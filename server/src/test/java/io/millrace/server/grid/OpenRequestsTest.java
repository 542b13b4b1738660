package io.millrace.server.grid;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What has to be over before a node leaves the grid. */
final class OpenRequestsTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final OpenRequests requests = new OpenRequests();

  @Test
  void itDoesNotWaitForNothing() {
    assertThat(CompletableFuture.runAsync(() -> requests.awaitEnd(LONG))).succeedsWithin(LONG);
  }

  @Test
  void itWaitsForTheLastAnswer() {
    requests.begin();
    requests.begin();
    CompletableFuture<Void> over = CompletableFuture.runAsync(() -> requests.awaitEnd(LONG));
    requests.end();
    assertThat(over).isNotDone();
    requests.end();
    assertThat(over).succeedsWithin(LONG);
  }

  @Test
  void itDoesNotWaitForEver() {
    requests.begin();
    requests.awaitEnd(Duration.ofMillis(10));
  }

  /** A write that a session has begun may not have come to the store yet. */
  @Test
  void itWaitsForWhatIsOnItsWayBetweenLoops() {
    try (RealLoop loop = new RealLoop()) {
      requests.on(loop);
      CountDownLatch slow = new CountDownLatch(1);
      loop.execute(() -> await(slow));
      loop.execute(() -> loop.execute(requests::begin));
      CompletableFuture<Void> over = CompletableFuture.runAsync(() -> requests.awaitEnd(LONG));
      slow.countDown();
      AtomicBoolean ended = new AtomicBoolean();
      Runnable end =
          () -> {
            ended.set(true);
            requests.end();
          };
      loop.schedule(Duration.ofMillis(50), end);
      assertThat(over).succeedsWithin(LONG);
      assertThat(ended).isTrue();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

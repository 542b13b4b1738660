package io.millrace.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

final class LoginQueueTest {
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final List<CompletableFuture<Verdict>> begun = new ArrayList<>();
  private long nowNs;
  private final LoginQueue queue = new LoginQueue(tasks::add, 2, 3, () -> nowNs);

  private CompletableFuture<Verdict> submit() {
    CompletionStage<Verdict> result =
        queue.submit(
            () -> {
              CompletableFuture<Verdict> work = new CompletableFuture<>();
              begun.add(work);
              return work;
            },
            LoginQueue.BUSY);
    return result.toCompletableFuture();
  }

  private void submit(int count) {
    for (int i = 0; i < count; i++) {
      assertThat(submit()).isNotDone();
    }
  }

  private void runAll() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  @Test
  void onlySoMuchIsUnderWayAndTheNextBeginsWhenOneEnds() {
    List<CompletableFuture<Verdict>> results = List.of(submit(), submit(), submit(), submit());
    runAll();
    assertThat(begun).hasSize(2);

    begun.get(1).complete(Verdict.UNKNOWN);
    runAll();
    assertThat(begun).hasSize(3);
    assertThat(results)
        .extracting(CompletableFuture::isDone)
        .containsExactly(false, true, false, false);
  }

  @Test
  void whatFindsTheQueueFullIsRefusedAtOnce() {
    for (int i = 0; i < 5; i++) {
      assertThat(submit()).isNotDone();
    }
    assertThat(submit()).isCompletedWithValue(LoginQueue.BUSY);
    runAll();
    assertThat(begun).hasSize(2);
  }

  @Test
  void whatHasWaitedTooLongIsNotBegun() {
    submit(2);
    CompletableFuture<Verdict> early = submit();
    nowNs = LoginQueue.MAX_WAIT.toNanos();
    CompletableFuture<Verdict> late = submit();
    runAll();
    begun.get(0).complete(Verdict.UNKNOWN);
    runAll();

    assertThat(early).isCompletedWithValue(LoginQueue.BUSY);
    assertThat(begun).hasSize(3);
    begun.get(2).complete(Verdict.UNKNOWN);
    assertThat(late).isCompletedWithValue(Verdict.UNKNOWN);
  }

  @Test
  void aFailureEndsItsTurnToo() {
    CompletableFuture<Verdict> first = submit();
    submit(1);
    CompletableFuture<Verdict> thrown =
        queue
            .<Verdict>submit(
                () -> {
                  throw new IllegalStateException("bug");
                },
                LoginQueue.BUSY)
            .toCompletableFuture();
    CompletableFuture<Verdict> last = submit();
    runAll();
    begun.get(0).completeExceptionally(new IllegalStateException("bug"));
    runAll();

    assertThat(first).isCompletedExceptionally();
    assertThat(thrown).isCompletedExceptionally();
    begun.get(2).complete(Verdict.UNKNOWN);
    assertThat(last).isCompletedWithValue(Verdict.UNKNOWN);
  }

  @Test
  void aFreeTurnIsTakenAtOnce() {
    submit(2);
    runAll();
    begun.get(0).complete(Verdict.UNKNOWN);
    begun.get(1).complete(Verdict.UNKNOWN);
    submit(2);
    runAll();
    assertThat(begun).hasSize(4);
  }

  @Test
  void afterTheShutdownEverythingIsRefused() {
    LoginQueue down =
        new LoginQueue(
            task -> {
              throw new RejectedExecutionException();
            },
            1);
    assertThat(down.submit(() -> Verdict.UNKNOWN).toCompletableFuture())
        .isCompletedWithValue(LoginQueue.BUSY);
  }
}

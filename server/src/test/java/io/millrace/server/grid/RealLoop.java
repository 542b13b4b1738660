package io.millrace.server.grid;

import io.millrace.server.transport.Continuation;
import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** An event loop with a thread and nothing else. */
final class RealLoop implements EventLoop, AutoCloseable {
  private volatile @Nullable Thread thread;
  private final ScheduledExecutorService executor =
      new ScheduledThreadPoolExecutor(
          1,
          task -> {
            Thread created = new Thread(task, "test-loop");
            thread = created;
            return created;
          });

  @Override
  public int index() {
    return 0;
  }

  @Override
  public boolean inLoop() {
    return Thread.currentThread().equals(thread);
  }

  @Override
  public void execute(Runnable task) {
    executor.execute(task);
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    var scheduled = executor.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
    return () -> {
      var unused = scheduled.cancel(false);
    };
  }

  /** Makes the call on the loop, and completes there as it does. */
  <T> CompletableFuture<T> ask(Supplier<CompletableFuture<T>> call) {
    CompletableFuture<T> done = new CompletableFuture<>();
    execute(
        () ->
            Continuation.of(
                call.get(),
                (answer, failure) -> {
                  if (failure == null) {
                    done.complete(answer);
                  } else {
                    done.completeExceptionally(failure);
                  }
                }));
    return done;
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}

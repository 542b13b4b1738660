package io.millrace.server.grid;

import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
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

  @Override
  public void close() {
    executor.shutdownNow();
  }
}

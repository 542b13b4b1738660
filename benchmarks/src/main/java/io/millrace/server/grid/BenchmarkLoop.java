package io.millrace.server.grid;

import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** An event loop without sockets: one thread. */
final class BenchmarkLoop implements EventLoop, AutoCloseable {
  private final ScheduledExecutorService executor;
  private volatile Thread thread = Thread.currentThread();

  BenchmarkLoop() {
    executor =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              thread = Thread.ofPlatform().daemon().name("loop").unstarted(task);
              return thread;
            });
  }

  @Override
  public int index() {
    return 0;
  }

  @Override
  public boolean inLoop() {
    return Thread.currentThread() == thread;
  }

  @Override
  public void execute(Runnable task) {
    executor.execute(task);
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    var scheduled = executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    return () -> {
      var unused = scheduled.cancel(false);
    };
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}

package io.millrace.server.auth;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Work for logins, of which only so much is under way at once: a flood of logins waits its turn
 * instead of taking all processors or sockets. What finds the queue full, or has waited so long
 * that its client has surely given up, is refused without being begun. Thread-safe.
 */
final class LoginQueue {

  /** As many clients as return within some seconds after a break; each waits with little. */
  static final int MAX_WAITING = 10_000;

  /** Less than the heartbeats after which a client takes the silence for a broken connection. */
  static final Duration MAX_WAIT = Duration.ofSeconds(45);

  /** What to say then. */
  static final Verdict BUSY = Verdict.refusedBecause("SERVER_BUSY");

  private static final Duration IDLE_THREAD = Duration.ofSeconds(30);

  private final Executor executor;
  private final int maxRunning;
  private final int maxWaiting;
  private final LongSupplier nanoTime;
  private final Deque<Job<?>> waiting = new ArrayDeque<>();
  private int running;

  private record Job<T>(
      Supplier<CompletionStage<T>> work, T ifBusy, CompletableFuture<T> result, long queuedNs) {
    void refuse() {
      result.complete(ifBusy);
    }
  }

  LoginQueue(Executor executor, int maxRunning) {
    this(executor, maxRunning, MAX_WAITING, System::nanoTime);
  }

  LoginQueue(Executor executor, int maxRunning, int maxWaiting, LongSupplier nanoTime) {
    this.executor = executor;
    this.maxRunning = maxRunning;
    this.maxWaiting = maxWaiting;
    this.nanoTime = nanoTime;
  }

  /** Daemon threads that go when there is nothing to do. */
  static ExecutorService threads(String name, int count) {
    ThreadFactory factory = Thread.ofPlatform().daemon().name(name + "-", 0).factory();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            count,
            count,
            IDLE_THREAD.toSeconds(),
            TimeUnit.SECONDS,
            // Never holds more than the queues in front of it let through.
            new LinkedBlockingQueue<>(),
            factory);
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** As {@link #submit(Supplier, Object)}, for what takes its time on the executor. */
  CompletionStage<Verdict> submit(Supplier<Verdict> work) {
    return submit(() -> CompletableFuture.completedFuture(work.get()), BUSY);
  }

  /**
   * Has the work begun on the executor, now or later. Its turn lasts until its stage completes.
   *
   * @param ifBusy the result if it is not begun
   */
  <T> CompletionStage<T> submit(Supplier<CompletionStage<T>> work, T ifBusy) {
    Job<T> job = new Job<>(work, ifBusy, new CompletableFuture<>(), nanoTime.getAsLong());
    if (mayStart(job)) {
      start(job);
    }
    return job.result;
  }

  private synchronized boolean mayStart(Job<?> job) {
    if (running < maxRunning) {
      running++;
      return true;
    }
    if (waiting.size() < maxWaiting) {
      waiting.add(job);
    } else {
      job.refuse();
    }
    return false;
  }

  private void start(Job<?> job) {
    try {
      executor.execute(() -> run(job));
    } catch (RejectedExecutionException e) {
      // Shut down: nobody will be let in any more, and what waits is not worth an answer.
      job.refuse();
    }
  }

  private <T> void run(Job<T> job) {
    CompletionStage<T> stage;
    try {
      stage = job.work.get();
    } catch (RuntimeException | Error e) {
      stage = CompletableFuture.failedFuture(e);
    }
    var unused =
        stage.whenComplete(
            (result, failure) -> {
              startNext();
              if (failure == null) {
                job.result.complete(result);
              } else {
                job.result.completeExceptionally(failure);
              }
            });
  }

  private void startNext() {
    long now = nanoTime.getAsLong();
    for (Job<?> next = next(); next != null; next = next()) {
      if (now - next.queuedNs < MAX_WAIT.toNanos()) {
        start(next);
        return;
      }
      next.refuse();
    }
  }

  private synchronized @Nullable Job<?> next() {
    Job<?> next = waiting.poll();
    if (next == null) {
      running--;
    }
    return next;
  }
}

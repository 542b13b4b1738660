package io.millrace.server.grid;

import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The waits of this node for changes to be stored by their owners. Thread-safe; futures complete on
 * the loop that waits.
 */
final class PendingAcks {

  private record Wait(EventLoop loop, CompletableFuture<Void> future, long deadlineNs) {}

  private final Duration timeout;
  private final AtomicLong ids = new AtomicLong();
  private final Map<Long, Wait> waits = new ConcurrentHashMap<>();

  PendingAcks(Duration timeout) {
    this.timeout = timeout;
  }

  /** A wait whose id goes to the owner; must be ended by {@link #stored} or {@link #cancel}. */
  long open(EventLoop loop, CompletableFuture<Void> future) {
    long id = ids.incrementAndGet();
    waits.put(id, new Wait(loop, future, System.nanoTime() + timeout.toNanos()));
    return id;
  }

  void stored(long id) {
    Wait wait = waits.remove(id);
    if (wait != null) {
      wait.loop().execute(() -> wait.future().complete(null));
    }
  }

  /** Nobody waits any more. */
  void cancel(long id) {
    waits.remove(id);
  }

  /** Fails the waits that have lasted too long; to be called about once a second. */
  void expire() {
    long now = System.nanoTime();
    waits.forEach(
        (id, wait) -> {
          if (wait.deadlineNs() - now < 0 && waits.remove(id, wait)) {
            wait.loop()
                .execute(
                    () ->
                        wait.future()
                            .completeExceptionally(
                                new TimeoutException("the change was applied but not stored")));
          }
        });
  }

  int size() {
    return waits.size();
  }
}

package io.millrace.server.grid;

import io.millrace.server.record.StorageException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The waits of this node for changes to be stored by their owners. Thread-safe; futures complete
 * where their owner waits.
 *
 * <p><b>Healing.</b> The owner that was asked may be lost, or lose the partition, or its word may
 * be lost with a broken link. Whenever something of that kind may have happened, the owners of now
 * are asked to confirm each wait whose write is known to have been applied: backups had it before
 * the answer came. A wait without an answer is left alone until the answer comes, since nobody can
 * confirm what may not have happened. Asking twice, or in vain, does no harm.
 */
final class PendingAcks {

  /** Asks the owner of now to end a wait, without blocking for long. */
  interface Confirmer {
    void confirm(String name, AckTicket ticket, long sequence);
  }

  private static final long UNANSWERED = -1;

  private static final class Wait {
    final String name;
    final boolean urgent;
    final Executor owner;
    final CompletableFuture<Void> future;
    final long deadlineNs;
    final long begunAt;
    volatile long sequence = UNANSWERED;

    Wait(
        String name,
        boolean urgent,
        Executor owner,
        CompletableFuture<Void> future,
        long deadlineNs,
        long begunAt) {
      this.name = name;
      this.urgent = urgent;
      this.owner = owner;
      this.future = future;
      this.deadlineNs = deadlineNs;
      this.begunAt = begunAt;
    }
  }

  private final String node;
  private final Duration timeout;
  private final Confirmer confirmer;
  private final Executor executor;
  private final AtomicLong ids = new AtomicLong();

  /** How often it has been possible that a word of an owner was lost. */
  private final AtomicLong disturbances = new AtomicLong();

  private final Map<Long, Wait> waits = new ConcurrentHashMap<>();

  /**
   * @param executor where many may be asked about at once
   */
  PendingAcks(String node, Duration timeout, Confirmer confirmer, Executor executor) {
    this.node = node;
    this.timeout = timeout;
    this.confirmer = confirmer;
    this.executor = executor;
  }

  /**
   * A wait that goes to the owner; must be ended by {@link #stored} or {@link #cancel}.
   *
   * @param urgent whether a person waits
   */
  AckTicket open(String name, boolean urgent, Executor owner, CompletableFuture<Void> future) {
    long id = ids.incrementAndGet();
    long deadline = System.nanoTime() + timeout.toNanos();
    waits.put(id, new Wait(name, urgent, owner, future, deadline, disturbances.get()));
    return new AckTicket(node, id, urgent);
  }

  /** The owner has answered: the write is done, and the cell's sequence is known. */
  void applied(long id, long sequence) {
    Wait wait = waits.get(id);
    if (wait != null) {
      wait.sequence = sequence;
      if (wait.begunAt != disturbances.get()) {
        confirm(id, wait);
      }
    }
  }

  /** Owners may have changed, or words of theirs may be lost. Returns at once. */
  void disturbed() {
    disturbances.incrementAndGet();
    if (!waits.isEmpty()) {
      executor.execute(() -> waits.forEach(this::confirm));
    }
  }

  /** Asks once more about a wait, if it is still open. */
  void askAgain(long id) {
    Wait wait = waits.get(id);
    if (wait != null) {
      confirm(id, wait);
    }
  }

  private void confirm(long id, Wait wait) {
    long sequence = wait.sequence;
    if (sequence != UNANSWERED) {
      confirmer.confirm(wait.name, new AckTicket(node, id, wait.urgent), sequence);
    }
  }

  void stored(long id) {
    Wait wait = waits.remove(id);
    if (wait != null) {
      wait.owner.execute(() -> wait.future.complete(null));
    }
  }

  /** No owner has what was written any more; whether storage has it is not known. */
  void lost(long id) {
    fail(id, new StorageException("all copies of the change were lost", null));
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
          if (wait.deadlineNs - now < 0) {
            fail(id, new TimeoutException("the change was applied but not stored"));
          }
        });
  }

  private void fail(long id, Exception cause) {
    Wait wait = waits.remove(id);
    if (wait != null) {
      wait.owner.execute(() -> wait.future.completeExceptionally(cause));
    }
  }

  int size() {
    return waits.size();
  }
}

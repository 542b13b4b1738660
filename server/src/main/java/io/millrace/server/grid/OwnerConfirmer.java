package io.millrace.server.grid;

import com.hazelcast.map.IMap;
import io.millrace.server.record.RecordCell;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Asks owners about open waits, again and again while they cannot be reached. */
final class OwnerConfirmer implements PendingAcks.Confirmer {
  private static final long RETRY_MS = 200;

  private final IMap<String, RecordCell> map;
  private final Executor executor;
  private final PendingAcks acks;

  OwnerConfirmer(IMap<String, RecordCell> map, Executor executor, PendingAcks acks) {
    this.map = map;
    this.executor = executor;
    this.acks = acks;
  }

  @Override
  public void confirm(String name, AckTicket ticket, long sequence) {
    try {
      var unused =
          map.submitToKey(name, new ConfirmProcessor(ticket, sequence))
              .whenCompleteAsync((answer, failure) -> heard(ticket, answer, failure), executor);
    } catch (RuntimeException e) {
      retry(ticket);
    }
  }

  private void heard(AckTicket ticket, @Nullable GridAnswer answer, @Nullable Throwable failure) {
    if (failure != null) {
      retry(ticket);
    } else if (!(answer instanceof GridAnswer.Done)) {
      acks.lost(ticket.id());
    }
  }

  /** Until the wait has lasted too long. */
  private void retry(AckTicket ticket) {
    CompletableFuture.delayedExecutor(RETRY_MS, TimeUnit.MILLISECONDS, executor)
        .execute(() -> acks.askAgain(ticket.id()));
  }
}

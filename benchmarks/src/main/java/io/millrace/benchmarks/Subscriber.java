package io.millrace.benchmarks;

import io.millrace.benchmarks.client.LoadClient;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.ServerMessage;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Follows one record and keeps the books. Confined to the readers' thread. */
final class Subscriber implements LoadClient.Listener {
  private final Deliveries deliveries;
  private final CountDownLatch ready;
  private final Problems problems;
  private @Nullable VersionLedger ledger;

  /** Hears of every delivery. */
  interface Deliveries {
    void delivered(int version);
  }

  /**
   * @param ready counted down when the subscriber has the record's state
   */
  Subscriber(Deliveries deliveries, CountDownLatch ready, Problems problems) {
    this.deliveries = deliveries;
    this.ready = ready;
    this.problems = problems;
  }

  @Override
  public void received(ServerMessage message) {
    VersionLedger known = ledger;
    switch (message) {
      case RecordPush.ReadResponse read when known == null -> {
        ledger = new VersionLedger(read.version());
        ready.countDown();
      }
      case RecordPush.Patch patch when known != null -> {
        known.patched(patch.version());
        deliveries.delivered(patch.version());
      }
      case RecordPush.Update update when known != null -> {
        known.updated(update.version());
        deliveries.delivered(update.version());
      }
      case RecordPush.Ack ack -> {}
      default -> problems.add("a subscriber got " + message.action());
    }
  }

  @Override
  public void lost(String reason) {
    problems.add("a subscriber: " + reason);
  }

  boolean isComplete(int version) {
    return ledger != null && ledger.isComplete(version);
  }

  VersionLedger.Check check(int version) {
    return ledger == null ? VersionLedger.Check.NOTHING : ledger.check(version);
  }
}

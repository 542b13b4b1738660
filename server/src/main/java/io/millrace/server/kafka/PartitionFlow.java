package io.millrace.server.kafka;

import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.Delta;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one assigned partition between being read and being done with. Pure; confined to
 * the poll thread.
 *
 * <p>Messages are handed over in the order of offsets, without waiting for the one before. When one
 * fails, nothing more is handed over until all that are under way have ended; those that failed go
 * back to their place. Then the first is tried alone, with growing pauses, until it gets through.
 * So the deltas of a record never overtake one another here, and none is skipped.
 */
final class PartitionFlow {
  private final OffsetTracker tracker;
  private final TreeMap<Long, ConsumerRecord<byte[], byte[]>> waiting = new TreeMap<>();
  private final Map<Long, String> refusals = new HashMap<>();
  private final Backoff backoff = new Backoff();

  /** Per record the last offset that is under way: what a later delta of it must come after. */
  private final Map<RecordName, Long> lastUnderWay = new HashMap<>();

  private int underWay;
  private boolean failing;
  private boolean probing;

  PartitionFlow(long start) {
    tracker = new OffsetTracker(start);
  }

  void read(ConsumerRecord<byte[], byte[]> message) {
    tracker.read(message.offset());
    waiting.put(message.offset(), message);
  }

  /** The message that may be handed over now, if any. */
  @Nullable ConsumerRecord<byte[], byte[]> take(long nanos) {
    if (waiting.isEmpty() || (failing && (underWay > 0 || !backoff.due(nanos)))) {
      return null;
    }
    probing = failing;
    underWay++;
    return waiting.pollFirstEntry().getValue();
  }

  /** Notes that {@code delta} is under way, and what it comes after. */
  Delta inOrder(Delta delta) {
    Long before = lastUnderWay.put(delta.name(), delta.position().offset());
    return before == null ? delta : delta.after(before);
  }

  /** The delta of {@code name} at {@code offset} is not under way any more. */
  void ended(RecordName name, long offset) {
    lastUnderWay.remove(name, offset);
  }

  void completed(ConsumerRecord<byte[], byte[]> message) {
    underWay--;
    tracker.completed(message.offset());
    refusals.remove(message.offset());
    if (probing) {
      probing = false;
      failing = false;
      backoff.succeeded();
    }
  }

  /** {@code message} has to be handed over again. Returns whether that is news. */
  boolean failed(ConsumerRecord<byte[], byte[]> message, long nanos) {
    underWay--;
    waiting.put(message.offset(), message);
    boolean news = !failing;
    if (news || probing) {
      backoff.failed(nanos);
    }
    failing = true;
    probing = false;
    return news;
  }

  /**
   * Remembers that {@code message} can only become a dead letter: asked again after a failed
   * attempt to write it, the sink might call it a replay, and the reason would be lost.
   */
  void refused(ConsumerRecord<byte[], byte[]> message, String reason) {
    refusals.put(message.offset(), reason);
  }

  @Nullable String refusal(ConsumerRecord<byte[], byte[]> message) {
    return refusals.get(message.offset());
  }

  boolean hasWaiting() {
    return !waiting.isEmpty();
  }

  boolean isFailing() {
    return failing;
  }

  boolean hasUnderWay() {
    return underWay > 0;
  }

  /** The first offset that is not done with. */
  long next() {
    return tracker.next();
  }
}

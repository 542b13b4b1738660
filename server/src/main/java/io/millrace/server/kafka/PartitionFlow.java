package io.millrace.server.kafka;

import io.millrace.protocol.value.RecordName;
import io.millrace.server.mapping.MappedChange;
import io.millrace.server.record.Delta;
import io.millrace.server.record.DeltaAttempt;
import io.millrace.server.record.LogPosition;
import io.millrace.server.tracing.TraceContext;
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

  /** Per record the last delta that is under way: what a later one must come after. */
  private final Map<RecordName, DeltaAttempt> lastUnderWay = new HashMap<>();

  private final SequenceWatch sequences = new SequenceWatch();
  private final String partition;
  private int underWay;
  private boolean failing;
  private boolean probing;
  private boolean blocked;

  /**
   * @param partition what records call it in their positions
   * @param start the first offset that will be read
   */
  PartitionFlow(String partition, long start) {
    this.partition = partition;
    tracker = new OffsetTracker(start);
  }

  void read(ConsumerRecord<byte[], byte[]> message) {
    tracker.read(message.offset());
    waiting.put(message.offset(), message);
  }

  /** The message that may be handed over now, if any. */
  @Nullable ConsumerRecord<byte[], byte[]> take(long nanos) {
    if (blocked || waiting.isEmpty() || (failing && (underWay > 0 || !backoff.due(nanos)))) {
      return null;
    }
    probing = failing;
    underWay++;
    return waiting.pollFirstEntry().getValue();
  }

  /**
   * The change as a delta that is under way now, behind the one before it of the same record.
   *
   * @param trace what caused it, or null
   */
  DeltaAttempt attempt(
      MappedChange change,
      long offset,
      @Nullable TraceContext trace,
      DeltaAttempt.Listener listener) {
    Delta delta =
        new Delta(change.name(), change.operation(), new LogPosition(partition, offset))
            .tracedBy(trace);
    DeltaAttempt attempt = new DeltaAttempt(delta, lastUnderWay.get(change.name()), listener);
    lastUnderWay.put(change.name(), attempt);
    return attempt;
  }

  SequenceWatch sequences() {
    return sequences;
  }

  /** The delta is not under way any more. */
  void ended(RecordName name, DeltaAttempt attempt) {
    lastUnderWay.remove(name, attempt);
  }

  /** {@code message} can't be read for now; nothing behind it may be handed over until then. */
  void block(ConsumerRecord<byte[], byte[]> message) {
    underWay--;
    waiting.put(message.offset(), message);
    blocked = true;
    failing = true;
    probing = false;
  }

  void unblock() {
    blocked = false;
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

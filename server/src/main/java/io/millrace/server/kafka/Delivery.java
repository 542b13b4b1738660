package io.millrace.server.kafka;

import io.millrace.server.mapping.Mapped;
import io.millrace.server.mapping.MappedChange;
import io.millrace.server.mapping.SourceMapping;
import io.millrace.server.record.DeltaAttempt;
import io.millrace.server.record.DeltaOutcome;
import io.millrace.server.record.DeltaSink;
import io.millrace.server.tracing.IngestSpan;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the messages of one source to the sink, bounded by bytes, and keeps account of what is done
 * with. Confined to the poll thread: stages may complete anywhere, and only queue a task.
 */
final class Delivery {
  /** What a message costs besides its bytes, so that empty messages are bounded, too. */
  private static final int OVERHEAD_BYTES = 64;

  private static final Duration LETTER_LOG_INTERVAL = Duration.ofSeconds(10);

  private static final Logger log = LoggerFactory.getLogger(Delivery.class);

  /** Where messages go that can never be applied; the stage fails if that has to be repeated. */
  interface Graveyard {
    CompletionStage<?> bury(ConsumerRecord<byte[], byte[]> message, String reason);
  }

  /** A message that is handed over, and what has become of its changes. */
  private static final class HandOver {
    final PartitionFlow flow;
    final ConsumerRecord<byte[], byte[]> message;
    final long bytes;
    final long nanos;
    private int changes;
    private int open;
    private boolean anyApplied;
    private @Nullable String refusal;
    private @Nullable Throwable failure;
    private @Nullable IngestSpan span;

    HandOver(PartitionFlow flow, ConsumerRecord<byte[], byte[]> message, long bytes, long nanos) {
      this.flow = flow;
      this.message = message;
      this.bytes = bytes;
      this.nanos = nanos;
    }

    /** May come again: to be put aside may fail. */
    void traced(IngestSpan.Outcome outcome) {
      if (span != null) {
        span.end(outcome);
        span = null;
      }
    }
  }

  private final String source;
  private final SourceMapping mapping;
  private final Graveyard graveyard;
  private final IngestMetrics metrics;
  private final LongSupplier nanoTime;
  private final MessageTraces traces;
  private final InFlight inFlight;
  private final Map<TopicPartition, PartitionFlow> flows = new HashMap<>();

  /** The flows again, in the order in which they may hand over next. */
  private final Deque<PartitionFlow> turns = new ArrayDeque<>();

  /** What others have for the poll thread. Bounded by what is in flight. */
  private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();

  private final DeltaSink.DeltaWay way;

  private final Trouble trouble;
  private int unloggedLetters;
  private boolean letterLogged;
  private long letterLoggedAtNanos;

  Delivery(
      String source,
      SourceMapping mapping,
      DeltaSink sink,
      Graveyard graveyard,
      InFlight inFlight,
      IngestMetrics metrics,
      LongSupplier nanoTime,
      MessageTraces traces) {
    this.source = source;
    this.mapping = mapping;
    this.way = sink.open(tasks::add);
    this.graveyard = graveyard;
    this.inFlight = inFlight;
    this.metrics = metrics;
    this.nanoTime = nanoTime;
    this.traces = traces;
    this.trouble = new Trouble(log, "Kafka source " + source);
  }

  /**
   * From now on messages of {@code partition} may be read, from {@code start} on.
   *
   * @param name what records call the partition in their positions
   */
  void begin(TopicPartition partition, String name, long start) {
    end(partition);
    PartitionFlow flow = new PartitionFlow(name, start);
    flows.put(partition, flow);
    turns.addLast(flow);
  }

  /** Forgets {@code partition}; what of it is under way only counts as bytes from now on. */
  void end(TopicPartition partition) {
    PartitionFlow flow = flows.remove(partition);
    if (flow != null) {
      turns.remove(flow);
    }
  }

  void read(ConsumerRecord<byte[], byte[]> message) {
    PartitionFlow flow = flows.get(new TopicPartition(message.topic(), message.partition()));
    // Without a flow its partition has no position yet: it will be read again from there.
    if (flow != null) {
      flow.read(message);
    }
  }

  /** Hands over what may be handed over now; partitions take turns message by message. */
  void handOver() {
    List<DeltaAttempt> batch = new ArrayList<>();
    int idle = 0;
    while (idle < turns.size() && !inFlight.full()) {
      PartitionFlow flow = turns.removeFirst();
      turns.addLast(flow);
      ConsumerRecord<byte[], byte[]> message = flow.take(nanoTime.getAsLong());
      if (message == null) {
        idle++;
      } else {
        idle = 0;
        handOver(flow, message, batch);
      }
    }
    if (!batch.isEmpty()) {
      apply(batch);
    }
  }

  private void handOver(
      PartitionFlow flow, ConsumerRecord<byte[], byte[]> message, List<DeltaAttempt> batch) {
    HandOver handOver = new HandOver(flow, message, bytes(message), nanoTime.getAsLong());
    inFlight.add(handOver.bytes);
    IngestSpan span = traces.begin(message);
    handOver.span = span;
    String refusal = flow.refusal(message);
    // Mapped anew for every attempt: the sink owns the trees it was given.
    switch (refusal == null ? map(message) : new Mapped.Refused(refusal)) {
      case Mapped.Changes(List<MappedChange> changes) -> {
        if (changes.isEmpty()) {
          metrics.skipped(source);
          handOver.traced(IngestSpan.Outcome.SKIPPED);
          completed(handOver);
        }
        handOver.changes = changes.size();
        handOver.open = changes.size();
        for (MappedChange change : changes) {
          look(flow, change, message.offset());
          batch.add(
              flow.attempt(
                  change,
                  message.offset(),
                  span == null ? null : span.context(),
                  (attempt, outcome, failure) -> {
                    flow.ended(change.name(), attempt);
                    ended(handOver, change, outcome, failure);
                  }));
        }
        flow.sequences().passed(message.offset());
      }
      case Mapped.Refused(String reason) -> bury(handOver, reason);
      case Mapped.Unavailable(String reason, CompletionStage<?> until) ->
          block(handOver, reason, until);
    }
  }

  private void look(PartitionFlow flow, MappedChange change, long offset) {
    if (change.sequence().isPresent()) {
      SequenceWatch.Finding found = flow.sequences().saw(change.sequence().getAsLong(), offset);
      if (found.missing() > 0 || found.late()) {
        metrics.sequence(source, found.missing(), found.late());
      }
    }
  }

  private Mapped map(ConsumerRecord<byte[], byte[]> message) {
    try {
      return mapping.map(KafkaMessages.of(message));
    } catch (RuntimeException e) {
      // A bug in the mapping: it must not stop the messages behind this one.
      log.error("Kafka source {}: cannot map {}", source, position(message), e);
      return new Mapped.Refused("mapping failed: " + e.getClass().getSimpleName());
    }
  }

  private void apply(List<DeltaAttempt> batch) {
    try {
      way.apply(batch);
    } catch (RuntimeException e) {
      for (DeltaAttempt attempt : batch) {
        if (!attempt.isEnded()) {
          attempt.end(null, e);
        }
      }
    }
  }

  /** What is needed to read the message is missing: what is behind it waits, too. */
  private void block(HandOver handOver, String reason, CompletionStage<?> until) {
    PartitionFlow flow = handOver.flow;
    handOver.traced(IngestSpan.Outcome.FAILED);
    inFlight.remove(handOver.bytes);
    metrics.failed(source);
    flow.block(handOver.message);
    trouble.present(
        "cannot read %s, trying until it works: %s".formatted(position(handOver.message), reason));
    CompletionStage<?> unused = until.whenComplete((done, failure) -> tasks.add(flow::unblock));
  }

  private void bury(HandOver handOver, String reason) {
    handOver.traced(IngestSpan.Outcome.REFUSED);
    handOver.flow.refused(handOver.message, reason);
    CompletionStage<?> unused =
        graveyard
            .bury(handOver.message, reason)
            .whenComplete(
                (done, failure) ->
                    tasks.add(
                        () -> {
                          if (failure == null) {
                            metrics.deadLettered(source);
                            logLetter(handOver.message);
                            completed(handOver);
                          } else {
                            failed(handOver, failure);
                          }
                        }));
  }

  /** Takes note of what has ended, after waiting for the first of it for at most {@code wait}. */
  void settle(Duration wait) throws InterruptedException {
    Runnable task = tasks.poll(wait.toNanos(), TimeUnit.NANOSECONDS);
    while (task != null) {
      task.run();
      task = tasks.poll();
    }
  }

  private void ended(
      HandOver handOver,
      MappedChange change,
      @Nullable DeltaOutcome outcome,
      @Nullable Throwable failure) {
    handOver.open--;
    if (outcome == null) {
      handOver.failure = failure == null ? new IllegalStateException("no answer") : failure;
    } else {
      switch (outcome) {
        case DeltaOutcome.Applied applied -> handOver.anyApplied = true;
        case DeltaOutcome.AlreadyApplied already -> {}
        case DeltaOutcome.Refused(String reason) -> {
          if (handOver.refusal == null) {
            handOver.refusal = handOver.changes == 1 ? reason : change.name() + ": " + reason;
          }
        }
      }
    }
    if (handOver.open == 0) {
      ended(handOver);
    }
  }

  /** All changes of the message have ended. Those that were applied are so when it comes again. */
  private void ended(HandOver handOver) {
    Throwable failure = handOver.failure;
    String refusal = handOver.refusal;
    if (failure != null) {
      failed(handOver, failure);
    } else if (refusal != null) {
      bury(handOver, refusal);
    } else {
      if (handOver.anyApplied) {
        metrics.applied(source, Duration.ofNanos(nanoTime.getAsLong() - handOver.nanos));
      } else {
        metrics.replayed(source);
      }
      handOver.traced(
          handOver.anyApplied ? IngestSpan.Outcome.APPLIED : IngestSpan.Outcome.REPLAYED);
      completed(handOver);
    }
  }

  /** A flood of bad messages must not become a flood of lines. */
  private void logLetter(ConsumerRecord<byte[], byte[]> message) {
    unloggedLetters++;
    long now = nanoTime.getAsLong();
    if (letterLogged && now - letterLoggedAtNanos < LETTER_LOG_INTERVAL.toNanos()) {
      return;
    }
    log.warn(
        "Kafka source {}: {} message(s) cannot be applied and became dead letters, the last is {}",
        source,
        unloggedLetters,
        position(message));
    letterLogged = true;
    letterLoggedAtNanos = now;
    unloggedLetters = 0;
  }

  private void completed(HandOver handOver) {
    inFlight.remove(handOver.bytes);
    handOver.flow.completed(handOver.message);
    if (trouble.isPresent() && flows.values().stream().noneMatch(PartitionFlow::isFailing)) {
      trouble.over("deltas get through again");
    }
  }

  private void failed(HandOver handOver, Throwable cause) {
    handOver.traced(IngestSpan.Outcome.FAILED);
    inFlight.remove(handOver.bytes);
    metrics.failed(source);
    if (handOver.flow.failed(handOver.message, nanoTime.getAsLong())) {
      trouble.present(
          "cannot get %s through, trying until it works: %s"
              .formatted(position(handOver.message), cause));
    }
  }

  /** Whether no more should be read from {@code partition} for now. */
  boolean holds(TopicPartition partition) {
    PartitionFlow flow = flows.get(partition);
    return flow == null || inFlight.full() || flow.hasWaiting();
  }

  /** Whether something waits, so that the next step depends on {@link #settle}. */
  boolean waits() {
    return inFlight.full() || hasWaiting();
  }

  /** Whether there is something to be handed over. */
  boolean hasWaiting() {
    return flows.values().stream().anyMatch(PartitionFlow::hasWaiting);
  }

  boolean hasUnderWay(Collection<TopicPartition> partitions) {
    return partitions.stream().map(flows::get).anyMatch(flow -> flow != null && flow.hasUnderWay());
  }

  /** The first offset of {@code partition} that is not done with; empty if it has not begun. */
  OptionalLong next(TopicPartition partition) {
    @Nullable PartitionFlow flow = flows.get(partition);
    return flow == null ? OptionalLong.empty() : OptionalLong.of(flow.next());
  }

  long bytesInFlight() {
    return inFlight.bytes();
  }

  static long bytes(ConsumerRecord<byte[], byte[]> message) {
    long bytes =
        OVERHEAD_BYTES
            + Math.max(0, message.serializedKeySize())
            + Math.max(0, message.serializedValueSize());
    for (Header header : message.headers()) {
      bytes += header.key().length() + (header.value() == null ? 0 : header.value().length);
    }
    return bytes;
  }

  private static String position(ConsumerRecord<byte[], byte[]> message) {
    return message.topic() + "/" + message.partition() + "/" + message.offset();
  }
}

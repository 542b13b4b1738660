package io.millrace.server.kafka;

import io.millrace.server.mapping.Mapped;
import io.millrace.server.mapping.MappedChange;
import io.millrace.server.mapping.SourceMapping;
import io.millrace.server.record.Delta;
import io.millrace.server.record.DeltaOutcome;
import io.millrace.server.record.DeltaSink;
import io.millrace.server.record.LogPosition;
import java.time.Duration;
import java.util.ArrayDeque;
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
 * with. Confined to the poll thread: stages may complete anywhere, and only queue an {@link Event}.
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

  private record HandOver(
      PartitionFlow flow, ConsumerRecord<byte[], byte[]> message, long bytes, long nanos) {}

  private sealed interface Event {
    HandOver handOver();

    /** What the sink was given and has answered; null if it was not asked. */
    @Nullable Delta delta();
  }

  private record Answered(HandOver handOver, Delta delta, DeltaOutcome outcome) implements Event {}

  private record Buried(HandOver handOver) implements Event {
    @Override
    public @Nullable Delta delta() {
      return null;
    }
  }

  /** {@code delta} is null if it was a dead letter that could not be written. */
  private record Failed(HandOver handOver, @Nullable Delta delta, Throwable cause)
      implements Event {}

  private final String source;
  private final SourceMapping mapping;
  private final DeltaSink sink;
  private final Graveyard graveyard;
  private final IngestMetrics metrics;
  private final LongSupplier nanoTime;
  private final InFlight inFlight;
  private final Map<TopicPartition, PartitionFlow> flows = new HashMap<>();

  /** The flows again, in the order in which they may hand over next. */
  private final Deque<PartitionFlow> turns = new ArrayDeque<>();

  /** Bounded by what is in flight. */
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

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
      LongSupplier nanoTime) {
    this.source = source;
    this.mapping = mapping;
    this.sink = sink;
    this.graveyard = graveyard;
    this.inFlight = inFlight;
    this.metrics = metrics;
    this.nanoTime = nanoTime;
    this.trouble = new Trouble(log, "Kafka source " + source);
  }

  /** From now on messages of {@code partition} may be read, from {@code start} on. */
  void begin(TopicPartition partition, long start) {
    end(partition);
    PartitionFlow flow = new PartitionFlow(start);
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
    int idle = 0;
    while (idle < turns.size() && !inFlight.full()) {
      PartitionFlow flow = turns.removeFirst();
      turns.addLast(flow);
      ConsumerRecord<byte[], byte[]> message = flow.take(nanoTime.getAsLong());
      if (message == null) {
        idle++;
      } else {
        idle = 0;
        handOver(flow, message);
      }
    }
  }

  private void handOver(PartitionFlow flow, ConsumerRecord<byte[], byte[]> message) {
    HandOver handOver = new HandOver(flow, message, bytes(message), nanoTime.getAsLong());
    inFlight.add(handOver.bytes());
    String refusal = flow.refusal(message);
    // Mapped anew for every attempt: the sink owns the trees it was given.
    switch (refusal == null ? map(message) : new Mapped.Refused(refusal)) {
      case Mapped.Changes(List<MappedChange> changes) -> {
        MappedChange change = changes.getFirst();
        LogPosition position =
            new LogPosition(message.topic() + "/" + message.partition(), message.offset());
        apply(handOver, new Delta(change.name(), change.operation(), position));
      }
      case Mapped.Refused(String reason) -> bury(handOver, reason);
      case Mapped.Unavailable unavailable ->
          events.add(new Failed(handOver, null, new IllegalStateException(unavailable.reason())));
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

  private void apply(HandOver handOver, Delta mapped) {
    Delta delta = handOver.flow().inOrder(mapped);
    CompletionStage<DeltaOutcome> stage;
    try {
      stage = sink.apply(delta);
    } catch (RuntimeException e) {
      events.add(new Failed(handOver, delta, e));
      return;
    }
    CompletionStage<?> unused =
        stage.whenComplete(
            (outcome, failure) ->
                events.add(
                    failure == null
                        ? new Answered(handOver, delta, outcome)
                        : new Failed(handOver, delta, failure)));
  }

  private void bury(HandOver handOver, String reason) {
    handOver.flow().refused(handOver.message(), reason);
    CompletionStage<?> unused =
        graveyard
            .bury(handOver.message(), reason)
            .whenComplete(
                (done, failure) ->
                    events.add(
                        failure == null
                            ? new Buried(handOver)
                            : new Failed(handOver, null, failure)));
  }

  /** Takes note of what has ended, after waiting for the first of it for at most {@code wait}. */
  void settle(Duration wait) throws InterruptedException {
    Event event = events.poll(wait.toNanos(), TimeUnit.NANOSECONDS);
    while (event != null) {
      settle(event);
      event = events.poll();
    }
  }

  private void settle(Event event) {
    HandOver handOver = event.handOver();
    Delta ended = event.delta();
    if (ended != null) {
      handOver.flow().ended(ended.name(), ended.position().offset());
    }
    switch (event) {
      case Answered(HandOver h, Delta d, DeltaOutcome.Applied applied) -> {
        metrics.applied(source, Duration.ofNanos(nanoTime.getAsLong() - handOver.nanos()));
        completed(handOver);
      }
      case Answered(HandOver h, Delta d, DeltaOutcome.AlreadyApplied already) -> {
        metrics.replayed(source);
        completed(handOver);
      }
      case Answered(HandOver h, Delta d, DeltaOutcome.Refused(String reason)) ->
          bury(handOver, reason);
      case Buried buried -> {
        metrics.deadLettered(source);
        logLetter(handOver.message());
        completed(handOver);
      }
      case Failed(HandOver h, Delta d, Throwable cause) -> failed(handOver, cause);
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
    inFlight.remove(handOver.bytes());
    handOver.flow().completed(handOver.message());
    if (flows.values().stream().noneMatch(PartitionFlow::isFailing)) {
      trouble.over("deltas get through again");
    }
  }

  private void failed(HandOver handOver, Throwable cause) {
    inFlight.remove(handOver.bytes());
    metrics.failed(source);
    if (handOver.flow().failed(handOver.message(), nanoTime.getAsLong())) {
      trouble.present(
          "cannot get %s through, trying until it works: %s"
              .formatted(position(handOver.message()), cause));
    }
  }

  /** Whether no more should be read from {@code partition} for now. */
  boolean holds(TopicPartition partition) {
    PartitionFlow flow = flows.get(partition);
    return flow == null || inFlight.full() || flow.hasWaiting();
  }

  /** Whether something waits, so that the next step depends on {@link #settle}. */
  boolean waits() {
    return inFlight.full() || flows.values().stream().anyMatch(PartitionFlow::hasWaiting);
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

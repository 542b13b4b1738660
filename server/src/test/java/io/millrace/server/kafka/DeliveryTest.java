package io.millrace.server.kafka;

import static io.millrace.server.kafka.Messages.message;
import static io.millrace.server.mapping.Messages.source;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.mapping.SourceMapping;
import io.millrace.server.record.Delta;
import io.millrace.server.record.LogPosition;
import io.millrace.server.tracing.NotedTracing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeliveryTest {
  private static final TopicPartition A = new TopicPartition("a", 0);
  private static final TopicPartition B = new TopicPartition("b", 0);
  private static final String VALUE = "{\"n\":1}";
  private static final long SIZE = Delivery.bytes(message("a", 0, "k", VALUE));

  private final FakeSink sink = new FakeSink();
  private final Graves graves = new Graves();
  private final NotedTracing tracing = new NotedTracing();
  private final Delivery delivery =
      new Delivery(
          "test",
          new SourceMapping(source("a", "{key}", "set", null, null)),
          sink,
          graves,
          new InFlight(4 * SIZE),
          IngestMetrics.NONE,
          this::now,
          new MessageTraces(tracing, "test", "group"));
  private long nanos;

  private long now() {
    return nanos;
  }

  @BeforeEach
  void begin() {
    delivery.begin(A, "a/0", 0);
  }

  @Test
  void handsOverWithoutWaitingForTheOneBefore() throws InterruptedException {
    sink.hold();
    read("a", 0, 3);

    step();

    assertThat(offsets(sink.handedOver())).containsExactly(0L, 1L, 2L);
    assertThat(delivery.next(A)).hasValue(0);
    sink.release();
    step();
    assertThat(delivery.next(A)).hasValue(3);
  }

  @Test
  void handsOverNoMoreBytesThanAllowed() throws InterruptedException {
    sink.hold();
    read("a", 0, 10);

    step();
    step();

    assertThat(sink.handedOver()).hasSize(4);
    assertThat(delivery.holds(A)).isTrue();
    assertThat(delivery.bytesInFlight()).isEqualTo(4 * SIZE);

    sink.release();
    step();
    step();
    step();

    assertThat(offsets(sink.handedOver())).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
    assertThat(delivery.holds(A)).isFalse();
    assertThat(delivery.bytesInFlight()).isZero();
  }

  @Test
  void aMessageIsOneSpanThatEndsAsTheMessageDoes() throws InterruptedException {
    sink.setFailing(true);
    read("a", 0, 1);
    step();
    sink.setFailing(false);
    pass(Duration.ofSeconds(1));
    step();
    step();
    delivery.read(message("a", 1, "k", "not json"));
    step();
    step();

    assertThat(sink.handedOver()).allMatch(delta -> NotedTracing.SAMPLED.equals(delta.trace()));
    assertThat(tracing.notes())
        .containsExactly("test a/0/0 FAILED", "test a/0/0 APPLIED", "test a/0/1 REFUSED");
  }

  @Test
  void whatNobodyTracesHasNoContext() throws InterruptedException {
    tracing.turnOff();
    read("a", 0, 1);
    step();

    assertThat(sink.handedOver()).hasSize(1).allMatch(delta -> delta.trace() == null);
    assertThat(tracing.notes()).isEmpty();
  }

  @Test
  void partitionsTakeTurns() throws InterruptedException {
    delivery.begin(B, "b/0", 0);
    sink.hold();
    read("a", 0, 10);
    read("b", 0, 10);

    step();

    assertThat(sink.handedOver().stream().map(delta -> delta.position().partition()))
        .containsExactlyInAnyOrder("a/0", "b/0", "a/0", "b/0");
  }

  @Test
  void afterAFailureTriesTheFirstAloneUntilItGetsThrough() throws InterruptedException {
    sink.setFailing(true);
    read("a", 0, 3);
    step();
    assertThat(offsets(sink.handedOver())).containsExactly(0L, 1L, 2L);

    step();
    assertThat(sink.handedOver()).as("not before the pause is over").hasSize(3);

    pass(Duration.ofMillis(100));
    step();
    pass(Duration.ofMillis(199));
    step();
    assertThat(offsets(sink.handedOver())).as("one at a time").containsExactly(0L, 1L, 2L, 0L);

    sink.setFailing(false);
    pass(Duration.ofMillis(1));
    step();
    step();
    assertThat(offsets(sink.handedOver())).containsExactly(0L, 1L, 2L, 0L, 0L, 1L, 2L);
    assertThat(offsets(sink.applied("k"))).containsExactly(0L, 1L, 2L);
    assertThat(delivery.next(A)).hasValue(3);
  }

  @Test
  void aFailingPartitionHoldsBackWhatComesLaterButNotOtherPartitions() throws InterruptedException {
    delivery.begin(B, "b/0", 0);
    sink.setFailing(true);
    read("a", 0, 1);
    step();
    sink.setFailing(false);

    read("a", 1, 2);
    read("b", 0, 1);
    step();

    assertThat(offsets(sink.handedOver())).containsExactly(0L, 0L);
    assertThat(delivery.holds(A)).isTrue();
    assertThat(delivery.holds(B)).isFalse();
    assertThat(delivery.next(A)).hasValue(0);
    assertThat(delivery.next(B)).hasValue(1);
  }

  @Test
  void isNotDoneWithABadMessageBeforeItsLetterIsWritten() throws InterruptedException {
    delivery.read(message("a", 0, "k", "no JSON"));
    read("a", 1, 2);

    step();

    assertThat(graves.reasons)
        .containsExactly("payload is not one JSON value of at most 500 levels needed as data");
    assertThat(offsets(sink.applied("k"))).containsExactly(1L);
    assertThat(delivery.next(A)).hasValue(0);
    graves.letters.getFirst().complete(null);
    step();
    assertThat(delivery.next(A)).hasValue(2);
  }

  @Test
  void aRefusedDeltaStaysRefusedWhenItsLetterFails() throws InterruptedException {
    sink.refuse(delta -> true);
    read("a", 0, 1);
    step();
    step();
    assertThat(graves.reasons).containsExactly("refused for the test");

    graves.letters.getFirst().completeExceptionally(new IllegalStateException("no broker"));
    step();
    pass(Duration.ofMillis(100));
    step();

    assertThat(graves.reasons).containsExactly("refused for the test", "refused for the test");
    assertThat(sink.handedOver()).hasSize(1);
    assertThat(delivery.next(A)).hasValue(0);
    graves.letters.getLast().complete(null);
    step();
    assertThat(delivery.next(A)).hasValue(1);
  }

  @Test
  void whatIsUnderWayOfAPartitionThatIsGoneOnlyCountsAsBytes() throws InterruptedException {
    sink.hold();
    read("a", 0, 2);
    step();

    delivery.end(A);
    assertThat(delivery.next(A)).isEqualTo(OptionalLong.empty());
    assertThat(delivery.bytesInFlight()).isEqualTo(2 * SIZE);

    delivery.begin(A, "a/0", 1);
    sink.release();
    step();
    assertThat(delivery.next(A)).hasValue(1);
    assertThat(delivery.bytesInFlight()).isZero();
  }

  @Test
  void aSinkThatThrowsIsASinkThatFails() throws InterruptedException {
    Delivery throwing =
        new Delivery(
            "test",
            new SourceMapping(source("a", "{key}", "set", null, null)),
            owner ->
                batch -> {
                  throw new IllegalStateException("for the test");
                },
            graves,
            new InFlight(SIZE),
            IngestMetrics.NONE,
            this::now,
            new MessageTraces(tracing, "test", "group"));
    throwing.begin(A, "a/0", 0);
    throwing.read(message("a", 0, "k", VALUE));

    throwing.handOver();
    throwing.settle(Duration.ZERO);

    assertThat(throwing.next(A)).hasValue(0);
    assertThat(throwing.holds(A)).isTrue();
  }

  private void read(String topic, long from, long to) {
    for (long offset = from; offset < to; offset++) {
      delivery.read(message(topic, offset, "k", VALUE));
    }
  }

  private void step() throws InterruptedException {
    delivery.settle(Duration.ZERO);
    delivery.handOver();
    delivery.settle(Duration.ZERO);
  }

  private void pass(Duration time) {
    nanos += time.toNanos();
  }

  private static List<Long> offsets(List<Delta> deltas) {
    return deltas.stream().map(Delta::position).map(LogPosition::offset).toList();
  }

  private static final class Graves implements Delivery.Graveyard {
    final List<String> reasons = new ArrayList<>();
    final List<CompletableFuture<Void>> letters = new ArrayList<>();

    @Override
    public CompletionStage<?> bury(ConsumerRecord<byte[], byte[]> message, String reason) {
      reasons.add(reason);
      letters.add(new CompletableFuture<>());
      return letters.getLast();
    }
  }
}

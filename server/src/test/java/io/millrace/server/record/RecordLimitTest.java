package io.millrace.server.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.subscription.FakeSubscriber;
import io.millrace.server.transport.ManualEventLoops;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What one socket may make a node follow. */
final class RecordLimitTest {
  private static final RecordName ONE_MORE = new RecordName("one more");

  private final ManualEventLoops loops = new ManualEventLoops(1);
  private final IdleRecords records = new IdleRecords(loops);
  private final FakeSubscriber subscriber = new FakeSubscriber(1, loops.all().get(0));
  private final RecordSession session =
      new RecordSession(subscriber, records.records(), (name, answer) -> answer.accept(true));

  RecordLimitTest() {
    bulk(
        RecordAction.SUBSCRIBE,
        IntStream.range(0, RecordSubscriptions.MAX_SUBSCRIPTIONS)
            .mapToObj(i -> new RecordName("r" + i))
            .toList());
    assertThat(subscriber.take()).isEmpty();
  }

  private void bulk(RecordAction action, List<RecordName> names) {
    subscriber.loop().execute(() -> session.handle(new RecordRequest.Bulk(action, names, "7")));
    loops.runAll();
  }

  private static ServerMessage denied(RecordAction original) {
    return new RecordPush.Failure(
        RecordAction.MESSAGE_DENIED,
        ONE_MORE.value(),
        original,
        true,
        new WriteAckRequest(false, "7"),
        null,
        null);
  }

  @ParameterizedTest
  @EnumSource(
      names = {"SUBSCRIBE", "SUBSCRIBEANDHEAD", "SUBSCRIBEANDREAD", "SUBSCRIBECREATEANDREAD"})
  void oneSubscriptionTooManyIsRefused(RecordAction action) {
    bulk(action, List.of(ONE_MORE));
    assertThat(subscriber.take()).contains(denied(action));
  }

  @Test
  void aSubscriptionThatIsThereIsNoNewOne() {
    bulk(RecordAction.SUBSCRIBE, List.of(new RecordName("r0")));
    assertThat(subscriber.take())
        .containsExactly(new RecordPush.MultipleSubscriptions("r0", RecordAction.SUBSCRIBE));
  }

  @Test
  void whoGivesOneUpMayHaveAnother() {
    bulk(RecordAction.UNSUBSCRIBE, List.of(new RecordName("r0")));
    subscriber.take();
    bulk(RecordAction.SUBSCRIBE, List.of(ONE_MORE));
    assertThat(subscriber.take()).isEmpty();
  }
}

package io.millrace.server.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventPush;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.subscription.FakeSubscriber;
import io.millrace.server.subscription.InterestObserver;
import io.millrace.server.transport.CountedMessages;
import io.millrace.server.transport.ManualEventLoops;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Publish and subscribe on two loops (protocol §4.1). */
final class EventSessionTest {
  private final ManualEventLoops loops = new ManualEventLoops(2);
  private final CountedMessages messages = new CountedMessages();
  private final Counts counts = new Counts();
  private final Events events = new Events(loops.all(), messages, counts, InterestObserver.NONE);
  private final List<Client> clients = new ArrayList<>();
  private final Client ann = new Client(0);
  private final Client bob = new Client(1);
  private final Client cid = new Client(0);

  private static final class Counts implements EventCounter {
    private int delivered;
    private int dropped;

    @Override
    public void delivered(int count) {
      delivered += count;
    }

    @Override
    public void dropped(int count) {
      dropped += count;
    }
  }

  private final class Client {
    private final FakeSubscriber subscriber;
    private final EventSession session;

    Client(int loop) {
      this.subscriber = new FakeSubscriber(clients.size() + 1, loops.all().get(loop));
      this.session = new EventSession(subscriber, events);
      clients.add(this);
    }

    void does(Runnable step) {
      subscriber.loop().execute(step);
    }

    void says(EventRequest request) {
      does(() -> session.handle(request));
    }

    List<Object> hears() {
      loops.runAll();
      return List.copyOf(subscriber.take());
    }

    void subscribes(String... names) {
      says(new EventRequest.Bulk(EventAction.SUBSCRIBE, List.of(names), "1"));
      hears();
    }

    void becomesWritable(boolean writable) {
      does(
          () -> {
            subscriber.setWritable(writable);
            session.writabilityChanged();
          });
      loops.runAll();
    }
  }

  private static EventRequest emit(String name, @Nullable String data) {
    return new EventRequest.Emit(name, data == null ? null : new JsonText(data));
  }

  private static EventPush event(String name, @Nullable String data) {
    return new EventPush.Emit(name, data == null ? null : new JsonText(data));
  }

  private static EventPush ack(EventAction action) {
    return new EventPush.Ack(action, null, "1");
  }

  /** Whatever happened: nobody holds a message, no request is left open. */
  @AfterEach
  void nothingIsLeft() {
    clients.forEach(client -> client.does(client.session::close));
    loops.runAll();
    assertThat(messages.held()).isEmpty();
    clients.forEach(client -> assertThat(client.subscriber.openRequests()).isZero());
  }

  @Test
  void anEventReachesAllButItsEmitterOnEveryLoop() {
    ann.subscribes("e", "f");
    bob.subscribes("e");
    cid.subscribes("f");

    ann.says(emit("e", "1"));
    bob.says(emit("f", null));

    assertThat(ann.hears()).containsExactly(event("f", null));
    assertThat(bob.hears()).containsExactly(event("e", "1"));
    assertThat(cid.hears()).containsExactly(event("f", null));
    assertThat(counts.delivered).isEqualTo(3);
    assertThat(messages.encoded()).isEqualTo(2);
  }

  @Test
  void oneAckFollowsWhenAllHomeLoopsKnow() {
    bob.says(new EventRequest.Bulk(EventAction.SUBSCRIBE, List.of("a", "b", "c", "d"), "1"));
    loops.runOne(1);
    assertThat(bob.subscriber.take()).isEmpty();
    assertThat(bob.hears()).containsExactly(ack(EventAction.SUBSCRIBE));
  }

  @Test
  void aRepeatedNameIsNamedAndTheAckFollows() {
    ann.subscribes("e");
    ann.says(new EventRequest.Bulk(EventAction.SUBSCRIBE, List.of("e", "f"), "1"));
    assertThat(ann.hears())
        .containsExactly(
            new EventPush.MultipleSubscriptions("e", EventAction.SUBSCRIBE),
            ack(EventAction.SUBSCRIBE));
    bob.says(emit("e", "1"));
    assertThat(ann.hears()).containsExactly(event("e", "1"));
  }

  @Test
  void whoUnsubscribesOrLeavesHearsNoMore() {
    ann.subscribes("e");
    bob.subscribes("e");
    ann.says(new EventRequest.Bulk(EventAction.UNSUBSCRIBE, List.of("e", "unknown"), "1"));
    assertThat(ann.hears()).containsExactly(ack(EventAction.UNSUBSCRIBE));
    bob.does(bob.session::close);
    loops.runAll();

    cid.says(emit("e", "1"));

    assertThat(ann.hears()).isEmpty();
    assertThat(bob.hears()).isEmpty();
    assertThat(messages.encoded()).as("nobody is there to be told").isZero();
  }

  @Test
  void eventsOfOneSenderKeepTheirOrder() {
    ann.subscribes("e");
    bob.subscribes("e");
    IntStream.range(0, 20).forEach(i -> cid.says(emit("e", "" + i)));
    List<Object> expected =
        IntStream.range(0, 20).<Object>mapToObj(i -> event("e", "" + i)).toList();
    assertThat(ann.hears()).isEqualTo(expected);
    assertThat(bob.hears()).isEqualTo(expected);
  }

  @Test
  void whatIsNoJsonIsRefusedAndReachesNobody() {
    ann.subscribes("e");
    bob.says(emit("e", "{broken"));
    assertThat(bob.hears())
        .containsExactly(
            new EventPush.Failure(
                EventAction.INVALID_MESSAGE_DATA, "e", EventAction.EMIT, true, null));
    assertThat(ann.hears()).isEmpty();
  }

  @Test
  void aSlowReaderGetsWhatItMissedInItsOrder() {
    ann.subscribes("e");
    ann.becomesWritable(false);
    IntStream.range(0, 3).forEach(i -> bob.says(emit("e", "" + i)));
    assertThat(ann.hears()).isEmpty();
    ann.becomesWritable(true);
    bob.says(emit("e", "3"));
    assertThat(ann.hears())
        .containsExactly(event("e", "0"), event("e", "1"), event("e", "2"), event("e", "3"));
  }

  /** P6, and what is newest is kept. */
  @Test
  void aSlowReaderThatLeavesTooMuchLosesTheOldest() {
    ann.subscribes("e");
    ann.becomesWritable(false);
    String large = "\"" + "x".repeat(100_000) + "\"";
    IntStream.range(0, 20).forEach(i -> bob.says(emit("e", large)));
    bob.says(emit("e", "\"last\""));
    loops.runAll();
    assertThat(messages.held()).hasSizeBetween(9, 11);
    assertThat(counts.dropped).isEqualTo(21 - messages.held().size());
    ann.becomesWritable(true);
    assertThat(ann.hears()).endsWith(event("e", "\"last\""));
  }

  @Test
  void oneSocketCannotSubscribeWithoutEnd() {
    List<String> many =
        IntStream.range(0, EventSession.MAX_SUBSCRIPTIONS).mapToObj(i -> "n" + i).toList();
    ann.says(new EventRequest.Bulk(EventAction.SUBSCRIBE, many, "1"));
    ann.hears();
    ann.says(new EventRequest.Bulk(EventAction.SUBSCRIBE, List.of("more"), "1"));
    assertThat(ann.hears())
        .containsExactly(
            new EventPush.Failure(
                EventAction.MESSAGE_DENIED, "more", EventAction.SUBSCRIBE, true, "1"),
            ack(EventAction.SUBSCRIBE));
  }
}

package io.millrace.server.presence;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.PresenceAction;
import io.millrace.protocol.PresencePush;
import io.millrace.protocol.PresenceRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.auth.User;
import io.millrace.server.permission.PermissionGate;
import io.millrace.server.subscription.FakeSubscriber;
import io.millrace.server.subscription.Subscriber;
import io.millrace.server.transport.ManualEventLoops;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is online, and who is told, on two loops (protocol §6). */
final class PresenceSessionTest {
  private final ManualEventLoops loops = new ManualEventLoops(2);
  private final Gate gate = new Gate();
  private final Counts counts = new Counts();
  private final Presence presence = new Presence(loops.all(), gate, counts);
  private final List<Client> clients = new ArrayList<>();

  private static final class Counts implements PresenceCounter {
    private int online;

    @Override
    public void online(int change) {
      online += change;
    }

    @Override
    public void dropped() {}
  }

  /** Hides users whose names begin with "secret", at once or when told to. */
  private static final class Gate implements PermissionGate {
    private final List<Runnable> late = new ArrayList<>();
    private boolean slow;

    @Override
    public void judge(Subscriber subscriber, ClientMessage message, Consumer<ClientMessage> go) {
      go.accept(message);
    }

    @Override
    public void mayRead(Subscriber subscriber, RecordName name, Consumer<Boolean> answer) {
      answer.accept(true);
    }

    @Override
    public void visibleUsers(Subscriber asker, List<String> users, Consumer<List<String>> visible) {
      Runnable answer =
          () -> visible.accept(users.stream().filter(id -> !id.startsWith("secret")).toList());
      if (slow) {
        late.add(() -> asker.loop().execute(answer));
      } else {
        answer.run();
      }
    }
  }

  private final class Client {
    private final FakeSubscriber subscriber;
    private final PresenceSession session;

    Client(String user, int loop) {
      this.subscriber =
          new FakeSubscriber(clients.size() + 1, loops.all().get(loop), new User(user, null, null));
      this.session = new PresenceSession(subscriber, presence);
      clients.add(this);
      does(() -> session.opened(() -> {}));
    }

    void does(Runnable step) {
      subscriber.loop().execute(step);
      loops.runAll();
    }

    List<Object> says(PresenceRequest request) {
      hears();
      does(() -> session.handle(request));
      return hears();
    }

    List<Object> hears() {
      return List.copyOf(subscriber.take());
    }

    void leaves() {
      clients.remove(this);
      does(session::close);
    }
  }

  private static PresenceRequest named(PresenceAction action, String... users) {
    return new PresenceRequest.Named(action, List.of(users), "1");
  }

  private static PresenceRequest all(PresenceAction action) {
    return new PresenceRequest.Everybody(action);
  }

  private static PresencePush change(PresenceAction action, String user) {
    return new PresencePush.Change(action, user);
  }

  @AfterEach
  void allAreGoneInTheEnd() {
    List.copyOf(clients).forEach(Client::leaves);
    assertThat(counts.online).isZero();
    clients.forEach(client -> assertThat(client.subscriber.openRequests()).isZero());
  }

  @Test
  void watchersHearOnceWhenAUserComesAndWhenItsLastSocketGoes() {
    Client ann = new Client("ann", 0);
    assertThat(ann.says(all(PresenceAction.SUBSCRIBE_ALL)))
        .containsExactly(new PresencePush.Ack(PresenceAction.SUBSCRIBE_ALL, null));
    assertThat(ann.says(named(PresenceAction.SUBSCRIBE, "bob")))
        .containsExactly(new PresencePush.Ack(PresenceAction.SUBSCRIBE, "1"));

    Client first = new Client("bob", 1);
    Client second = new Client("bob", 0);
    assertThat(ann.hears())
        .containsExactly(
            change(PresenceAction.PRESENCE_JOIN_ALL, "bob"),
            change(PresenceAction.PRESENCE_JOIN, "bob"));
    first.leaves();
    assertThat(ann.hears()).isEmpty();
    second.leaves();
    assertThat(ann.hears())
        .containsExactly(
            change(PresenceAction.PRESENCE_LEAVE_ALL, "bob"),
            change(PresenceAction.PRESENCE_LEAVE, "bob"));
  }

  /**
   * The second socket's login is on its way to the user's home loop when the first one closes
   * there.
   */
  @Test
  void aSocketThatClosesDoesNotOvertakeTheLoginOfAnother() {
    String user =
        IntStream.range(0, 100)
            .mapToObj(i -> "user" + i)
            .filter(name -> loops.all().home(name).index() == 0)
            .findFirst()
            .orElseThrow();
    Client ann = new Client("ann", 1);
    ann.says(named(PresenceAction.SUBSCRIBE, user));
    Client first = new Client(user, 0);
    ann.hears();
    FakeSubscriber late = new FakeSubscriber(99, loops.all().get(1), new User(user, null, null));
    PresenceSession second = new PresenceSession(late, presence);
    loops.runFirst(1, () -> second.opened(() -> {}));
    clients.remove(first);
    loops.runFirst(0, first.session::close);
    loops.runAll();

    assertThat(ann.hears()).isEmpty();
    late.loop().execute(second::close);
    loops.runAll();
  }

  @Test
  void whoUnsubscribedOrLeftIsToldNothing() {
    Client ann = new Client("ann", 0);
    Client cid = new Client("cid", 1);
    ann.says(all(PresenceAction.SUBSCRIBE_ALL));
    ann.says(named(PresenceAction.SUBSCRIBE, "bob"));
    cid.says(all(PresenceAction.SUBSCRIBE_ALL));
    cid.leaves();
    assertThat(ann.says(all(PresenceAction.UNSUBSCRIBE_ALL)))
        .containsExactly(new PresencePush.Ack(PresenceAction.UNSUBSCRIBE_ALL, null));
    assertThat(ann.says(named(PresenceAction.UNSUBSCRIBE, "bob", "unknown")))
        .containsExactly(new PresencePush.Ack(PresenceAction.UNSUBSCRIBE, "1"));
    cid.hears();

    new Client("bob", 1);

    assertThat(ann.hears()).isEmpty();
    assertThat(cid.hears()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"open", "OPEN"})
  void whoHasNoNameIsNotSeen(String nobody) {
    Client ann = new Client("ann", 0);
    ann.says(all(PresenceAction.SUBSCRIBE_ALL));
    new Client(nobody, 1);
    assertThat(ann.hears()).isEmpty();
    assertThat(ann.says(all(PresenceAction.QUERY_ALL)))
        .containsExactly(new PresencePush.QueryAllResponse(List.of()));
  }

  @Test
  void queriesLeaveOutTheAskerAndAnswerTruthfullyByName() {
    Client ann = new Client("ann", 0);
    new Client("bob", 1);
    new Client("cid", 0);
    List<Object> answer = ann.says(all(PresenceAction.QUERY_ALL));
    assertThat(answer).hasSize(1);
    assertThat(((PresencePush.QueryAllResponse) answer.get(0)).users())
        .containsExactlyInAnyOrder("bob", "cid");
    assertThat(ann.says(named(PresenceAction.QUERY, "bob", "nobody", "ann")))
        .containsExactly(
            new PresencePush.QueryResponse(
                "1", new JsonText("{\"bob\":true,\"nobody\":false,\"ann\":true}")));
  }

  @Test
  void aRepeatedSubscriptionIsNamedAndAcknowledged() {
    Client ann = new Client("ann", 0);
    ann.says(all(PresenceAction.SUBSCRIBE_ALL));
    assertThat(ann.says(all(PresenceAction.SUBSCRIBE_ALL)))
        .containsExactly(
            new PresencePush.MultipleSubscriptions("%_EVERYONE_%", PresenceAction.SUBSCRIBE_ALL),
            new PresencePush.Ack(PresenceAction.SUBSCRIBE_ALL, null));
    ann.says(named(PresenceAction.SUBSCRIBE, "bob"));
    assertThat(ann.says(named(PresenceAction.SUBSCRIBE, "bob")))
        .containsExactly(
            new PresencePush.MultipleSubscriptions("bob", PresenceAction.SUBSCRIBE),
            new PresencePush.Ack(PresenceAction.SUBSCRIBE, "1"));
    new Client("bob", 1);
    assertThat(ann.hears()).hasSize(2);
  }

  /** P7: not in lists, and not in what is pushed. */
  @Test
  void whoMayNotBeSeenIsNeitherListedNorAnnounced() {
    Client ann = new Client("ann", 0);
    ann.says(all(PresenceAction.SUBSCRIBE_ALL));
    Client secret = new Client("secret-sue", 1);
    new Client("bob", 1);
    assertThat(ann.hears()).containsExactly(change(PresenceAction.PRESENCE_JOIN_ALL, "bob"));
    assertThat(ann.says(all(PresenceAction.QUERY_ALL)))
        .containsExactly(new PresencePush.QueryAllResponse(List.of("bob")));
    secret.leaves();
    assertThat(ann.hears()).isEmpty();
  }

  @Test
  void announcementsKeepTheirOrderWhenAPermissionMustBeLoaded() {
    Client ann = new Client("ann", 0);
    ann.says(all(PresenceAction.SUBSCRIBE_ALL));
    gate.slow = true;
    Client bob = new Client("bob", 1);
    bob.leaves();
    assertThat(ann.hears()).isEmpty();
    while (!gate.late.isEmpty()) {
      gate.late.remove(0).run();
      loops.runAll();
    }
    assertThat(ann.hears())
        .containsExactly(
            change(PresenceAction.PRESENCE_JOIN_ALL, "bob"),
            change(PresenceAction.PRESENCE_LEAVE_ALL, "bob"));
  }

  @Test
  void toASlowReaderComingAndGoingCancelOut() {
    Client ann = new Client("ann", 0);
    new Client("bob", 1);
    ann.says(all(PresenceAction.SUBSCRIBE_ALL));
    ann.does(() -> ann.subscriber.setWritable(false));
    Client cid = new Client("cid", 1);
    cid.leaves();
    new Client("dan", 0);
    assertThat(ann.hears()).isEmpty();
    ann.does(
        () -> {
          ann.subscriber.setWritable(true);
          ann.session.writabilityChanged();
        });
    assertThat(ann.hears()).containsExactly(change(PresenceAction.PRESENCE_JOIN_ALL, "dan"));
  }

  /**
   * Who has been told that the login succeeded may tell others, who then ask: at home the login
   * still waits in the queue when the question is read.
   */
  @ParameterizedTest
  @ValueSource(strings = {"ada", "bob", "cid", "dan", "eve", "fay"})
  void aQuestionDoesNotOvertakeALogin(String user) {
    Client asker = new Client("asker", 0);
    FakeSubscriber late = new FakeSubscriber(99, loops.all().get(1), new User(user, null, null));
    PresenceSession lateSession = new PresenceSession(late, presence);
    loops.runFirst(1, () -> lateSession.opened(() -> {}));
    loops.runFirst(0, () -> asker.session.handle(named(PresenceAction.QUERY, user)));
    loops.runFirst(0, () -> asker.session.handle(all(PresenceAction.QUERY_ALL)));
    assertThat(asker.hears()).isEmpty();
    loops.runAll();
    assertThat(asker.hears())
        .containsExactlyInAnyOrder(
            new PresencePush.QueryResponse("1", new JsonText("{\"" + user + "\":true}")),
            new PresencePush.QueryAllResponse(List.of(user)));
    loops.runFirst(1, lateSession::close);
    loops.runAll();
  }

  /** Each answer names everybody: they must not be asked for faster than they are read. */
  @Test
  void nothingMoreIsBegunUntilEverybodyHasBeenNamed() {
    Client ann = new Client("ann", 0);
    ann.subscriber.loop().execute(() -> ann.session.handle(all(PresenceAction.QUERY_ALL)));
    loops.all().get(0).execute(() -> assertThat(ann.subscriber.isHeld()).isTrue());
    loops.runAll();
    assertThat(ann.subscriber.isHeld()).isFalse();
    assertThat(ann.hears()).containsExactly(new PresencePush.QueryAllResponse(List.of()));
  }
}

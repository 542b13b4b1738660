package io.millrace.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventPush;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.listen.ListenRig.Socket;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What listeners and subscribers hear (protocol §4.2), on two loops. */
final class ListenSessionTest {
  private static final String PATTERN = "a/.*";

  private final ListenRig rig = new ListenRig(ListenTopic.RECORD);
  private final Socket provider = rig.socket(0);
  private final Socket second = rig.socket(1);
  private final Socket subscriber = rig.socket(1);
  private final String name = rig.nameAt(0, "a/");
  private final String other = rig.nameAt(1, "a/");

  @ParameterizedTest
  @EnumSource
  void listeningBeginsAndEndsWithAnAck(ListenTopic topic) {
    Socket socket = new ListenRig(topic).socket(1);
    assertThat(socket.listens(PATTERN).unlistens(PATTERN).hears())
        .containsExactly(topic.ack(true, PATTERN), topic.ack(false, PATTERN));
    assertThat(socket.unlistens(PATTERN).hears()).isEmpty();
    assertThat(socket.subscriber.openRequests()).isZero();
  }

  @Test
  void anEventIsOfferedAcceptedAndRemoved() {
    ListenRig events = new ListenRig(ListenTopic.EVENT);
    Socket listener = events.socket(0).listens(PATTERN);
    listener.hears();
    Socket hearer = events.socket(1).subscribes(name);
    assertThat(hearer.hears()).containsExactly(new EventPush.Ack(EventAction.SUBSCRIBE, null, "0"));
    assertThat(listener.hears()).containsExactly(ListenTopic.EVENT.found(PATTERN, name));
    listener.accepts(PATTERN, name);
    assertThat(hearer.hears()).isEmpty();
    hearer.unsubscribes(name).hears();
    assertThat(listener.hears()).containsExactly(ListenTopic.EVENT.removed(PATTERN, name));
  }

  @ParameterizedTest
  @EnumSource
  void aPatternIsListenedForOnce(ListenTopic topic) {
    Socket socket = new ListenRig(topic).socket(0).listens(PATTERN);
    socket.hears();
    assertThat(socket.listens(PATTERN).hears())
        .containsExactly(topic.listensAlready(PATTERN), topic.ack(true, PATTERN));
  }

  @Test
  void aSecondListenOfTheSamePatternAsksNobodyTwice() {
    provider.listens(PATTERN).listens(PATTERN).hears();
    subscriber.subscribes(name).hears();
    assertThat(provider.rejects(PATTERN, name).hears()).containsExactly(found(name));
  }

  @Test
  void whatIsNoPatternIsRefused() {
    assertThat(provider.listens("(").hears())
        .containsExactly(
            new RecordPush.Failure(
                RecordAction.INVALID_LISTEN_REGEX,
                "(",
                null,
                false,
                WriteAckRequest.NONE,
                null,
                null));
    assertThat(provider.unlistens("(").hears()).isEmpty();
    assertThat(new ListenRig(ListenTopic.EVENT).socket(0).listens("(?=a)").hears())
        .containsExactly(
            new EventPush.Failure(EventAction.INVALID_LISTEN_REGEX, "(?=a)", null, false, null));
  }

  @Test
  void tooManyPatternsOfOneSocketAreDenied() {
    IntStream.range(0, ListenSession.MAX_PATTERNS).forEach(i -> provider.listens("a" + i));
    assertThat(provider.hears()).hasSize(ListenSession.MAX_PATTERNS);
    assertThat(provider.listens("b").hears()).containsExactly(ListenTopic.RECORD.denied("b"));
    assertThat(provider.unlistens("a0").listens("b").hears())
        .containsExactly(ListenTopic.RECORD.ack(false, "a0"), ListenTopic.RECORD.ack(true, "b"));
  }

  @Test
  void tooManyPatternsOfOneNodeAreDeniedUntilSomebodyLeaves() {
    int sockets = Listening.MAX_PATTERNS / ListenSession.MAX_PATTERNS;
    Socket leaver = rig.socket(0);
    IntStream.range(0, ListenSession.MAX_PATTERNS).forEach(i -> leaver.listens("a" + i));
    for (int i = 1; i < sockets; i++) {
      Socket socket = rig.socket(i % 2);
      IntStream.range(0, ListenSession.MAX_PATTERNS).forEach(j -> socket.listens("a" + j));
    }
    rig.settle();
    assertThat(provider.listens("b").hears()).containsExactly(ListenTopic.RECORD.denied("b"));
    leaver.closes();
    rig.settle();
    assertThat(provider.listens("b").hears()).containsExactly(ListenTopic.RECORD.ack(true, "b"));
  }

  @Test
  void subscribersHearOfTheProviderAndLaterOnesBeforeTheState() {
    provider.listens(PATTERN);
    rig.settle();
    subscriber.subscribes(name).hears();
    provider.accepts(PATTERN, name);
    assertThat(subscriber.hears()).containsExactly(state(true));
    assertThat(second.subscribes(name).hears())
        .containsExactly(
            ack(), state(true), new RecordPush.ReadResponse(record(), 0, JsonText.EMPTY_OBJECT));
    provider.unlistens(PATTERN);
    assertThat(subscriber.hears()).containsExactly(state(false));
    assertThat(second.hears()).containsExactly(state(false));
  }

  @Test
  void whoSubscribesAfterTheLastOneHasLeftHearsOfNoProvider() {
    provider.listens(PATTERN);
    rig.settle();
    subscriber.subscribes(name).hears();
    provider.accepts(PATTERN, name);
    subscriber.unsubscribes(name).hears();
    assertThat(provider.hears()).contains(removed(name));
    // The node still follows the record, and the group of its subscribers is still there.
    assertThat(subscriber.subscribes(name).hears())
        .containsExactly(ack(), new RecordPush.ReadResponse(record(), 0, JsonText.EMPTY_OBJECT));
    assertThat(provider.hears()).containsExactly(found(name));
  }

  @Test
  void aProviderIsAskedBeforeTheRecordIsRead() {
    provider.listens(PATTERN);
    rig.settle();
    provider.hears();
    subscriber.subscribes(name);
    rig.loops.runAll();
    assertThat(provider.subscriber.take()).containsExactly(found(name));
    provider.accepts(PATTERN, name);
    rig.loops.runAll();
    assertThat(subscriber.hears())
        .containsExactly(
            ack(), state(true), new RecordPush.ReadResponse(record(), 0, JsonText.EMPTY_OBJECT));
  }

  @Test
  void aDeletedRecordIsProvidedNoLonger() {
    provider.listens(PATTERN);
    rig.settle();
    subscriber.subscribes(name).hears();
    second.subscribes(name).hears();
    provider.accepts(PATTERN, name).hears();
    subscriber.deletes(name).hears();
    assertThat(provider.hears()).containsExactly(removed(name));
    subscriber.subscribes(name).hears();
    assertThat(provider.hears()).containsExactly(found(name));
  }

  @Test
  void aListenerThatComesLaterIsAskedForWhatNobodyProvides() {
    subscriber.subscribes(name, other).hears();
    assertThat(provider.listens(PATTERN).hears())
        .containsExactlyInAnyOrder(
            found(name), found(other), ListenTopic.RECORD.ack(true, PATTERN));
    provider.accepts(PATTERN, name).rejects(PATTERN, other).hears();
    assertThat(second.listens(PATTERN).hears())
        .containsExactlyInAnyOrder(found(other), ListenTopic.RECORD.ack(true, PATTERN));
    assertThat(second.unlistens(PATTERN).listens(PATTERN).hears())
        .as("the one that it was asked for before")
        .contains(found(other));
  }

  @Test
  void aProviderThatLeavesHandsOver() {
    provider.listens(PATTERN);
    rig.settle();
    second.listens(PATTERN);
    rig.settle();
    subscriber.subscribes(name, other).hears();
    provider.accepts(PATTERN, name).accepts(PATTERN, other).hears();
    subscriber.hears();
    second.hears();
    provider.closes();
    assertThat(second.hears()).containsExactlyInAnyOrder(found(name), found(other));
    assertThat(subscriber.hears()).hasSize(2).contains(state(false));
    second.accepts(PATTERN, name);
    assertThat(subscriber.hears()).containsExactly(state(true));
  }

  @Test
  void anUnlistenedNameIsNotRemovedFromWhoUnlistened() {
    provider.listens(PATTERN);
    rig.settle();
    subscriber.subscribes(name).hears();
    provider.accepts(PATTERN, name).hears();
    provider.unlistens(PATTERN);
    subscriber.unsubscribes(name);
    assertThat(provider.hears()).containsExactly(ListenTopic.RECORD.ack(false, PATTERN));
  }

  @Test
  void silenceLeadsToTheNextOne() {
    provider.listens(PATTERN);
    rig.settle();
    second.listens(PATTERN);
    rig.settle();
    subscriber.subscribes(name).hears();
    rig.pass(ListenRig.RESPONSE_TIMEOUT);
    assertThat(provider.hears())
        .containsExactly(
            ListenTopic.RECORD.ack(true, PATTERN), found(name), ListenTopic.RECORD.timedOut(name));
    assertThat(second.hears()).contains(found(name));
  }

  @Test
  void anAnswerInTimeStopsTheClock() {
    provider.listens(PATTERN);
    rig.settle();
    int timers = rig.loops.timers();
    subscriber.subscribes(name).hears();
    assertThat(rig.loops.timers()).isEqualTo(timers + 1);
    provider.accepts(PATTERN, name);
    rig.settle();
    assertThat(rig.loops.timers()).isEqualTo(timers);
  }

  @Test
  void whatEverybodyRefusedIsOfferedAgainAfterAWhile() {
    provider.listens(PATTERN);
    rig.settle();
    subscriber.subscribes(name).hears();
    provider.rejects(PATTERN, name).hears();
    rig.pass(ListenRig.REMATCH_INTERVAL);
    assertThat(provider.hears()).containsExactly(found(name));
  }

  @Test
  void whatWasRefusedJustNowIsLeftAloneByTheRematch() {
    provider.listens(PATTERN);
    rig.settle();
    rig.pass(ListenRig.REMATCH_INTERVAL.minus(ListenRig.COOLDOWN).plusSeconds(1));
    subscriber.subscribes(name).hears();
    provider.rejects(PATTERN, name).hears();
    rig.pass(ListenRig.COOLDOWN.minusSeconds(1));
    assertThat(provider.hears()).isEmpty();
    rig.pass(ListenRig.REMATCH_INTERVAL);
    assertThat(provider.hears()).containsExactly(found(name));
  }

  @Test
  void aNodeWhereNobodyListensHasNoTimers() {
    provider.listens(PATTERN).unlistens(PATTERN).hears();
    rig.pass(ListenRig.REMATCH_INTERVAL);
    assertThat(rig.loops.timers()).isZero();
    provider.listens(PATTERN).hears();
    assertThat(rig.loops.timers()).isEqualTo(2);
  }

  @Test
  void aListenerThatDoesNotReadIsAskedWhenItReads() {
    provider.listens(PATTERN).reads(false);
    rig.settle();
    provider.hears();
    subscriber.subscribes(name, other).hears();
    assertThat(provider.accepts(PATTERN, name).hears()).isEmpty();
    provider.reads(true);
    assertThat(provider.hears()).containsExactlyInAnyOrder(found(name), found(other));
  }

  @Test
  void aListenerThatReadsTooLateIsNotAskedAtAll() {
    provider.listens(PATTERN).reads(false);
    rig.settle();
    provider.hears();
    subscriber.subscribes(name, other).hears();
    subscriber.unsubscribes(other).hears();
    rig.pass(ListenRig.RESPONSE_TIMEOUT);
    provider.reads(true);
    assertThat(provider.hears()).isEmpty();
  }

  @Test
  void aSubscriberThatDoesNotReadIsToldOfItsProviderOnce() {
    provider.listens(PATTERN);
    rig.settle();
    subscriber.subscribes(name).reads(false).hears();
    provider.accepts(PATTERN, name);
    rig.settle();
    provider.unlistens(PATTERN).listens(PATTERN);
    rig.settle();
    provider.accepts(PATTERN, name);
    assertThat(subscriber.hears()).isEmpty();
    assertThat(subscriber.reads(true).hears()).containsExactly(state(true));
    subscriber.reads(false).hears();
    provider.unlistens(PATTERN).listens(PATTERN);
    rig.settle();
    provider.accepts(PATTERN, name);
    rig.settle();
    assertThat(subscriber.reads(true).hears()).isEmpty();
  }

  @Test
  void manyNamesAreWorkedOnInPieces() {
    ListenRig events = new ListenRig(ListenTopic.EVENT);
    Socket listener = events.socket(0);
    IntStream.range(0, 200).forEach(i -> listener.listens("x[" + i + "]$"));
    listener.listens("a/.*$").hears();
    String[] names = IntStream.range(0, 500).mapToObj(i -> "a/" + i).toArray(String[]::new);
    events.socket(1).subscribes(names);
    int tasks = 0;
    while (!events.loops.busy().isEmpty()) {
      events.loops.runOne(events.loops.busy().get(0));
      tasks++;
    }
    assertThat(listener.subscriber.take()).hasSize(500);
    assertThat(tasks).isGreaterThan(250 + 20);
  }

  private RecordName record() {
    return new RecordName(name);
  }

  private RecordPush.Ack ack() {
    return new RecordPush.Ack(RecordAction.SUBSCRIBECREATEANDREAD, null, List.of(record()), "0");
  }

  private RecordPush.ProviderState state(boolean provided) {
    return new RecordPush.ProviderState(
        provided
            ? RecordAction.SUBSCRIPTION_HAS_PROVIDER
            : RecordAction.SUBSCRIPTION_HAS_NO_PROVIDER,
        record());
  }

  private static ServerMessage found(String subscription) {
    return ListenTopic.RECORD.found(PATTERN, subscription);
  }

  private static ServerMessage removed(String subscription) {
    return ListenTopic.RECORD.removed(PATTERN, subscription);
  }
}

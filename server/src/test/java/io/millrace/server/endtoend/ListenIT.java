package io.millrace.server.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventPush;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.testkit.ScriptedClient;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Listening with real sockets and loops, message by message. */
@Timeout(300)
final class ListenIT {
  private static final RecordName NAME = new RecordName("w/1");
  private static final String PATTERN = "w/.*";

  private final TestServer server = server(Duration.ofSeconds(100));
  private final ScriptedClient provider = server.client();
  private final ScriptedClient second = server.client();
  private final ScriptedClient subscriber = server.client();

  /**
   * A server of its own for one test.
   *
   * @param silence how long a provider may not answer: long, unless it is not to
   */
  private static TestServer server(Duration silence) {
    return TestServer.with()
        .yaml(
            "listen: { shuffleProviders: false, responseTimeout: %ds }"
                .formatted(silence.toSeconds()))
        .start();
  }

  @AfterEach
  void close() {
    List.of(provider, second, subscriber).forEach(ScriptedClient::close);
    server.close();
  }

  @Test
  void aRecordIsProvidedHandedOverAndRemoved() {
    listen(provider);
    listen(second);
    subscribe(subscriber);
    assertThat(provider.await(RecordPush.PatternMatch.class)).isEqualTo(match(true));
    answer(provider, RecordAction.LISTEN_ACCEPT);
    assertThat(subscriber.await(RecordPush.ProviderState.class)).isEqualTo(state(true));

    provider.abort();
    assertThat(subscriber.await(RecordPush.ProviderState.class)).isEqualTo(state(false));
    assertThat(second.await(RecordPush.PatternMatch.class)).isEqualTo(match(true));
    answer(second, RecordAction.LISTEN_ACCEPT);
    assertThat(subscriber.await(RecordPush.ProviderState.class)).isEqualTo(state(true));

    subscriber.send(new RecordRequest.Bulk(RecordAction.UNSUBSCRIBE, List.of(NAME), "1"));
    assertThat(second.await(RecordPush.PatternMatch.class)).isEqualTo(match(false));
    assertThat(subscriber.roundTrip()).noneMatch(RecordPush.ProviderState.class::isInstance);
  }

  @Test
  void whoIsSilentIsToldAndTheNextIsAsked() {
    try (TestServer impatient = server(Duration.ofSeconds(5));
        ScriptedClient silent = impatient.client();
        ScriptedClient next = impatient.client();
        ScriptedClient viewer = impatient.client()) {
      listen(silent);
      listen(next);
      subscribe(viewer);

      silent.await(RecordPush.PatternMatch.class);
      assertThat(silent.await(RecordPush.ListenTimeout.class).subscription())
          .isEqualTo(NAME.value());
      next.await(RecordPush.PatternMatch.class);
      answer(next, RecordAction.LISTEN_ACCEPT);
      viewer.await(RecordPush.ProviderState.class);

      answer(silent, RecordAction.LISTEN_ACCEPT);
      assertThat(silent.await(RecordPush.PatternMatch.class)).isEqualTo(match(false));
    }
  }

  @Test
  void aSocketCannotAnswerForAnother() {
    listen(provider);
    subscribe(subscriber);
    provider.await(RecordPush.PatternMatch.class);
    answer(second, RecordAction.LISTEN_ACCEPT);
    answer(second, RecordAction.LISTEN_REJECT);
    assertThat(second.roundTrip()).isEmpty();
    assertThat(subscriber.roundTrip()).noneMatch(RecordPush.ProviderState.class::isInstance);
    answer(provider, RecordAction.LISTEN_ACCEPT);
    subscriber.await(RecordPush.ProviderState.class);
  }

  @Test
  void catastrophicPatternsLeaveEverybodyServed() {
    List<String> patterns = List.of("(a+)+$", "(.*a){20}$", "(a?){100}a{100}b", "([a-z]+)*-$");
    patterns.forEach(
        pattern -> {
          provider.send(new EventRequest.Listen(EventAction.LISTEN, pattern));
          provider.await(EventPush.Ack.class);
        });
    provider.send(new EventRequest.Listen(EventAction.LISTEN, "(a{1000}){1000}"));
    assertThat(provider.await(EventPush.Failure.class).action())
        .isEqualTo(EventAction.INVALID_LISTEN_REGEX);
    List<String> names = IntStream.range(0, 20).mapToObj(i -> "a".repeat(1000) + "!" + i).toList();
    subscriber.send(new EventRequest.Bulk(EventAction.SUBSCRIBE, names, "0"));
    subscriber.await(EventPush.Ack.class);
    assertThat(subscriber.roundTrip()).isEmpty();
    assertThat(second.roundTrip()).isEmpty();
  }

  @Test
  void thousandsOfNamesAreOfferedToTheirListeners() {
    IntStream.range(0, 100).forEach(i -> listenForEvents(provider, "^e/" + i + "/[0-9]+$"));
    List<String> names = IntStream.range(0, 2_000).mapToObj(i -> "e/" + i % 100 + "/" + i).toList();
    subscriber.send(new EventRequest.Bulk(EventAction.SUBSCRIBE, names, "0"));
    Set<String> found = new HashSet<>();
    while (found.size() < names.size()) {
      EventPush.PatternMatch match = provider.await(EventPush.PatternMatch.class);
      assertThat(match.action()).isEqualTo(EventAction.SUBSCRIPTION_FOR_PATTERN_FOUND);
      provider.send(
          new EventRequest.ListenAnswer(
              EventAction.LISTEN_ACCEPT, match.pattern(), match.subscription()));
      found.add(match.subscription());
    }
    subscriber.abort();
    for (int i = 0; i < names.size(); i++) {
      found.remove(
          provider.await(ListenIT::isRemoved) instanceof EventPush.PatternMatch match
              ? match.subscription()
              : "");
    }
    assertThat(found).isEmpty();
  }

  private static boolean isRemoved(ServerMessage message) {
    return message.action() == EventAction.SUBSCRIPTION_FOR_PATTERN_REMOVED;
  }

  private static void listenForEvents(ScriptedClient client, String pattern) {
    client.send(new EventRequest.Listen(EventAction.LISTEN, pattern));
    client.await(EventPush.Ack.class);
  }

  private static void listen(ScriptedClient client) {
    client.send(new RecordRequest.Listen(RecordAction.LISTEN, PATTERN));
    assertThat(client.await(RecordPush.Ack.class))
        .isEqualTo(new RecordPush.Ack(RecordAction.LISTEN, PATTERN, List.of(), null));
  }

  private static void subscribe(ScriptedClient subscriber) {
    subscriber.send(
        new RecordRequest.Bulk(RecordAction.SUBSCRIBECREATEANDREAD, List.of(NAME), "0"));
    assertThat(subscriber.await(RecordPush.ReadResponse.class).data())
        .isEqualTo(JsonText.EMPTY_OBJECT);
  }

  private static void answer(ScriptedClient client, RecordAction action) {
    client.send(new RecordRequest.ListenAnswer(action, PATTERN, NAME.value()));
  }

  private static RecordPush.PatternMatch match(boolean found) {
    return new RecordPush.PatternMatch(
        found
            ? RecordAction.SUBSCRIPTION_FOR_PATTERN_FOUND
            : RecordAction.SUBSCRIPTION_FOR_PATTERN_REMOVED,
        PATTERN,
        NAME.value());
  }

  private static RecordPush.ProviderState state(boolean provided) {
    return new RecordPush.ProviderState(
        provided
            ? RecordAction.SUBSCRIPTION_HAS_PROVIDER
            : RecordAction.SUBSCRIPTION_HAS_NO_PROVIDER,
        NAME);
  }
}

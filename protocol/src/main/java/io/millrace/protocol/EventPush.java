package io.millrace.protocol;

import io.millrace.protocol.value.JsonText;
import org.jspecify.annotations.Nullable;

/** What a server says about events (protocol §4). */
public sealed interface EventPush extends ServerMessage {

  @Override
  EventAction action();

  /**
   * {@code isAck}: the bulk request (correlation id) or the listen request (name) was carried out.
   */
  record Ack(EventAction action, @Nullable String name, @Nullable String correlationId)
      implements EventPush {}

  /** An event that somebody else emitted. */
  record Emit(String name, @Nullable JsonText data) implements EventPush {
    @Override
    public EventAction action() {
      return EventAction.EMIT;
    }
  }

  /** SUBSCRIPTION_FOR_PATTERN_FOUND or SUBSCRIPTION_FOR_PATTERN_REMOVED, to a listener. */
  record PatternMatch(EventAction action, String pattern, String subscription)
      implements EventPush {}

  /** LISTEN_RESPONSE_TIMEOUT, to a listener that did not answer in time. */
  record ListenTimeout(String subscription) implements EventPush {
    @Override
    public EventAction action() {
      return EventAction.LISTEN_RESPONSE_TIMEOUT;
    }
  }

  /** MULTIPLE_SUBSCRIPTIONS: the socket had it already. */
  record MultipleSubscriptions(String name, EventAction originalAction) implements EventPush {
    @Override
    public EventAction action() {
      return EventAction.MULTIPLE_SUBSCRIPTIONS;
    }
  }

  /** Any refusal or failure. */
  record Failure(
      EventAction action,
      @Nullable String name,
      @Nullable EventAction originalAction,
      boolean isError,
      @Nullable String correlationId)
      implements EventPush {}
}

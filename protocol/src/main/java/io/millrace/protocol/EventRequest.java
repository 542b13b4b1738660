package io.millrace.protocol;

import io.millrace.protocol.value.JsonText;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client may ask about events (protocol §4). */
public sealed interface EventRequest extends ClientMessage {

  @Override
  EventAction action();

  /** SUBSCRIBE or UNSUBSCRIBE: many names at once, acknowledged once. */
  record Bulk(EventAction action, List<String> names, @Nullable String correlationId)
      implements EventRequest {
    public Bulk {
      names = List.copyOf(names);
    }
  }

  /** To be delivered to every other subscriber. */
  record Emit(String name, @Nullable JsonText data) implements EventRequest {
    @Override
    public EventAction action() {
      return EventAction.EMIT;
    }
  }

  /** LISTEN or UNLISTEN. */
  record Listen(EventAction action, String pattern) implements EventRequest {}

  /** LISTEN_ACCEPT or LISTEN_REJECT. */
  record ListenAnswer(EventAction action, String pattern, String subscription)
      implements EventRequest {}

  /** A known EVENT action that a client has no business sending. */
  record Unexpected(EventAction action) implements EventRequest {}
}

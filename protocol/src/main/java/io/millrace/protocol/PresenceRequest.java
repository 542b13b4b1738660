package io.millrace.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client may ask about who is online (protocol §6). */
public sealed interface PresenceRequest extends ClientMessage {

  @Override
  PresenceAction action();

  /** SUBSCRIBE, UNSUBSCRIBE or QUERY: about named users. */
  record Named(PresenceAction action, List<String> names, @Nullable String correlationId)
      implements PresenceRequest {
    public Named {
      names = List.copyOf(names);
    }
  }

  /** SUBSCRIBE_ALL, UNSUBSCRIBE_ALL or QUERY_ALL: about everybody. */
  record Everybody(PresenceAction action) implements PresenceRequest {}

  /** A known PRESENCE action that a client has no business sending. */
  record Unexpected(PresenceAction action) implements PresenceRequest {}
}

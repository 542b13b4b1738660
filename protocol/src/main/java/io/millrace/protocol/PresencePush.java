package io.millrace.protocol;

import io.millrace.protocol.value.JsonText;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a server says about who is online (protocol §6). */
public sealed interface PresencePush extends ServerMessage {

  @Override
  PresenceAction action();

  /** {@code isAck}: the request was carried out. */
  record Ack(PresenceAction action, @Nullable String correlationId) implements PresencePush {}

  /** PRESENCE_JOIN, PRESENCE_JOIN_ALL, PRESENCE_LEAVE or PRESENCE_LEAVE_ALL. */
  record Change(PresenceAction action, String user) implements PresencePush {}

  /** The answer to QUERY_ALL: ids of those online, without the asker. */
  record QueryAllResponse(List<String> users) implements PresencePush {
    public QueryAllResponse {
      users = List.copyOf(users);
    }

    @Override
    public PresenceAction action() {
      return PresenceAction.QUERY_ALL_RESPONSE;
    }
  }

  /** The answer to QUERY: a JSON object of id to boolean. */
  record QueryResponse(@Nullable String correlationId, JsonText data) implements PresencePush {
    @Override
    public PresenceAction action() {
      return PresenceAction.QUERY_RESPONSE;
    }
  }

  /** MULTIPLE_SUBSCRIPTIONS: the socket had it already. */
  record MultipleSubscriptions(String name, PresenceAction originalAction) implements PresencePush {
    @Override
    public PresenceAction action() {
      return PresenceAction.MULTIPLE_SUBSCRIPTIONS;
    }
  }

  /** Any refusal. */
  record Failure(
      PresenceAction action,
      @Nullable String name,
      @Nullable PresenceAction originalAction,
      boolean isError,
      @Nullable String correlationId)
      implements PresencePush {}
}

package io.millrace.protocol;

import io.millrace.protocol.value.JsonText;
import org.jspecify.annotations.Nullable;

/** What a server says about remote procedure calls (protocol §5). */
public sealed interface RpcPush extends ServerMessage {

  @Override
  RpcAction action();

  /** {@code isAck}: the bulk request was carried out. */
  record Ack(RpcAction action, @Nullable String correlationId) implements RpcPush {}

  /** A call, to its provider. */
  record Call(
      String name,
      String correlationId,
      @Nullable JsonText data,
      @Nullable String requestorName,
      @Nullable JsonText requestorData)
      implements RpcPush {
    @Override
    public RpcAction action() {
      return RpcAction.REQUEST;
    }
  }

  /** ACCEPT, RESPONSE or REQUEST_ERROR, to the caller. */
  record Answer(RpcAction action, String name, String correlationId, @Nullable JsonText data)
      implements RpcPush {}

  /** MULTIPLE_PROVIDERS: the socket provides it already. */
  record MultipleProviders(String name, RpcAction originalAction) implements RpcPush {
    @Override
    public RpcAction action() {
      return RpcAction.MULTIPLE_PROVIDERS;
    }
  }

  /** NO_RPC_PROVIDER, timeouts, refusals. */
  record Failure(
      RpcAction action,
      @Nullable String name,
      @Nullable String correlationId,
      @Nullable RpcAction originalAction,
      boolean isError)
      implements RpcPush {}
}

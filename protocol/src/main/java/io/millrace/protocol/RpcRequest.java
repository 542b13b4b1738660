package io.millrace.protocol;

import io.millrace.protocol.value.JsonText;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client may say about remote procedure calls, as caller and as provider (protocol §5). */
public sealed interface RpcRequest extends ClientMessage {

  @Override
  RpcAction action();

  /** PROVIDE or UNPROVIDE: many names at once, acknowledged once. */
  record Bulk(RpcAction action, List<String> names, @Nullable String correlationId)
      implements RpcRequest {
    public Bulk {
      names = List.copyOf(names);
    }
  }

  /** A call. What a caller says of its own name and data is dropped: only the server says that. */
  record Call(String name, String correlationId, @Nullable JsonText data) implements RpcRequest {
    @Override
    public RpcAction action() {
      return RpcAction.REQUEST;
    }
  }

  /** ACCEPT, REJECT, RESPONSE or REQUEST_ERROR, from the provider. */
  record Answer(RpcAction action, String name, String correlationId, @Nullable JsonText data)
      implements RpcRequest {}

  /** A known RPC action that a client has no business sending. */
  record Unexpected(RpcAction action) implements RpcRequest {}
}

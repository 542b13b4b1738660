package io.millrace.protocol;

/** All that a client may say, by feature. */
public sealed interface ClientMessage
    permits ConnectionRequest,
        AuthRequest,
        EventRequest,
        RecordRequest,
        RpcRequest,
        PresenceRequest {

  /** The action as the client sent it: what replies name as their "original action". */
  Action action();
}

package io.millrace.protocol;

/** All that a server may say, by feature. */
public sealed interface ServerMessage
    permits ConnectionReply, AuthReply, EventPush, RecordPush, RpcPush, PresencePush, ParserReply {

  /** The action that goes on the wire. */
  Action action();
}

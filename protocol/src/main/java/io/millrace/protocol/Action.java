package io.millrace.protocol;

/** One action of one topic; the numbers are part of the wire contract (protocol §1.7). */
public sealed interface Action
    permits ConnectionAction,
        AuthAction,
        EventAction,
        RecordAction,
        RpcAction,
        PresenceAction,
        ParserAction {

  Topic topic();

  /** The number on the wire, unique within the topic. */
  int number();

  /** The name as clients know it. */
  String name();
}

package io.millrace.protocol;

import org.jspecify.annotations.Nullable;

/**
 * A complaint about a frame that could not be understood (protocol §1.9). The originals are the
 * numbers of the offending message where they could be read.
 */
public record ParserReply(
    ParserAction action, @Nullable Integer originalTopic, @Nullable Integer originalAction)
    implements ServerMessage {
  public ParserReply(ParserAction action) {
    this(action, null, null);
  }

  /** To a request that was understood, but that a client has no business sending. */
  public static ParserReply notServed(ClientMessage request) {
    Action action = request.action();
    return new ParserReply(ParserAction.UNKNOWN_ACTION, action.topic().number(), action.number());
  }
}

package io.millrace.protocol.codec;

import io.millrace.protocol.codec.DecodeResult.Reason;

/**
 * Ends a decoding from any depth; never leaves this package. It has no stack trace, so that a peer
 * who sends nothing but rubbish costs little.
 */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  private Refusal(Reason reason, String detail) {
    super(detail, null, false, false);
    this.reason = reason;
  }

  static Refusal unreadable(String detail) {
    return new Refusal(Reason.UNREADABLE, detail);
  }

  static Refusal unknownTopic(int topic) {
    return new Refusal(Reason.UNKNOWN_TOPIC, "topic " + topic);
  }

  static Refusal unknownAction(int action) {
    return new Refusal(Reason.UNKNOWN_ACTION, "action " + action);
  }

  static Refusal invalidField(Field field, String fault) {
    return new Refusal(Reason.INVALID_FIELDS, field + " " + fault);
  }

  static Refusal wrongDirection() {
    return new Refusal(Reason.INVALID_FIELDS, "not a message of a server");
  }

  Reason reason() {
    return reason;
  }

  String detail() {
    return String.valueOf(getMessage());
  }
}

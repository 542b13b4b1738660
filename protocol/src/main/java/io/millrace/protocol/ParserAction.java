package io.millrace.protocol;

/** The actions of topic PARSER (protocol §1.7). */
public enum ParserAction implements Action {
  UNKNOWN_TOPIC(1),
  UNKNOWN_ACTION(2),
  INVALID_MESSAGE(3),
  MESSAGE_PARSE_ERROR(4),
  MAXIMUM_MESSAGE_SIZE_EXCEEDED(5),
  ERROR(6),
  INVALID_META_PARAMS(7);

  private final int number;

  ParserAction(int number) {
    this.number = number;
  }

  @Override
  public Topic topic() {
    return Topic.PARSER;
  }

  @Override
  public int number() {
    return number;
  }
}

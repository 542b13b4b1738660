package io.millrace.protocol;

/** The actions of topic CONNECTION (protocol §1.7). */
public enum ConnectionAction implements Action {
  ERROR(1),
  PING(2),
  PONG(3),
  ACCEPT(4),
  CHALLENGE(5),
  REJECT(6),
  REDIRECT(7),
  CLOSING(8),
  CLOSED(9),
  AUTHENTICATION_TIMEOUT(100),
  INVALID_MESSAGE(101);

  private final int number;

  ConnectionAction(int number) {
    this.number = number;
  }

  @Override
  public Topic topic() {
    return Topic.CONNECTION;
  }

  @Override
  public int number() {
    return number;
  }
}

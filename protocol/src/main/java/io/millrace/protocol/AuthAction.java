package io.millrace.protocol;

/** The actions of topic AUTH (protocol §1.7). */
public enum AuthAction implements Action {
  ERROR(1),
  REQUEST(2),
  AUTH_SUCCESSFUL(3),
  AUTH_UNSUCCESSFUL(4),
  TOO_MANY_AUTH_ATTEMPTS(100),
  INVALID_MESSAGE(101),
  INVALID_MESSAGE_DATA(102);

  private final int number;

  AuthAction(int number) {
    this.number = number;
  }

  @Override
  public Topic topic() {
    return Topic.AUTH;
  }

  @Override
  public int number() {
    return number;
  }
}

package io.millrace.protocol;

/** The actions of topic EVENT (protocol §1.7). */
public enum EventAction implements Action {
  ERROR(1),
  EMIT(2),
  SUBSCRIBE(3),
  UNSUBSCRIBE(4),
  LISTEN(5),
  UNLISTEN(6),
  LISTEN_ACCEPT(7),
  LISTEN_REJECT(8),
  SUBSCRIPTION_HAS_PROVIDER(9),
  SUBSCRIPTION_HAS_NO_PROVIDER(10),
  SUBSCRIPTION_FOR_PATTERN_FOUND(11),
  SUBSCRIPTION_FOR_PATTERN_REMOVED(12),
  INVALID_LISTEN_REGEX(100),
  LISTEN_RESPONSE_TIMEOUT(101),
  LISTEN_UNSUCCESSFUL(102),
  MESSAGE_PERMISSION_ERROR(103),
  MESSAGE_DENIED(104),
  INVALID_MESSAGE_DATA(105),
  MULTIPLE_SUBSCRIPTIONS(106),
  NOT_SUBSCRIBED(107);

  private final int number;

  EventAction(int number) {
    this.number = number;
  }

  @Override
  public Topic topic() {
    return Topic.EVENT;
  }

  @Override
  public int number() {
    return number;
  }
}

package io.millrace.protocol;

/** The topics of the wire (protocol §1.3). Not all of them may be used by a client. */
public enum Topic {
  PARSER(1),
  CONNECTION(2),
  AUTH(3),
  EVENT(4),
  RECORD(5),
  RPC(6),
  PRESENCE(7),
  MONITORING(8),
  CLUSTER(9),
  LOCK(10),
  STATE_REGISTRY(11),
  ERROR(100);

  private final int number;

  Topic(int number) {
    this.number = number;
  }

  /** The number on the wire. */
  public int number() {
    return number;
  }
}

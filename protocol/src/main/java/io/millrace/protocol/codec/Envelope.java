package io.millrace.protocol.codec;

/** A frame of which the topic is known: what its fields are called depends on that. */
interface Envelope {

  /** The number on the wire, 0 when there is none. */
  int topic();

  /**
   * Puts the fields that the body's layout knows, and skips all others.
   *
   * @throws Refusal for a field that cannot be read
   */
  void fill(Body body);
}

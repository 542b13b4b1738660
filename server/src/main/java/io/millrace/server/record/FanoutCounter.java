package io.millrace.server.record;

/** Port: counts what fan-out does. Called from every event loop. */
public interface FanoutCounter {

  /**
   * @param delivered messages handed to connections
   * @param conflated messages that a slow reader will get as part of a newer state
   */
  void add(int delivered, int conflated);
}

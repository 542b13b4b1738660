package io.millrace.server.http.sse;

/** Where a stream's events go. Confined to the stream's loop. */
interface EventSink {

  /**
   * Begins the stream; until then it can still be refused.
   *
   * @param writable is called when {@link #isWritable} has become true again
   */
  void open(Runnable writable);

  /** One event as text, with the empty line that ends it. */
  void write(String event);

  /** Whether little enough waits to be read. */
  boolean isWritable();

  /** Nothing follows: the response is complete. */
  void end();

  /** The connection has left the stream. */
  void closed();
}

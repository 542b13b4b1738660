package io.millrace.server.transport;

/**
 * A message encoded once, to be written to many connections. Reference-counted: it is born with one
 * reference, and whoever hands it to another thread {@linkplain #retain retains} it for that
 * thread, which releases it when it is done. Connections retain for themselves what they have
 * queued.
 */
public interface SharedMessage {
  void retain();

  void release();
}

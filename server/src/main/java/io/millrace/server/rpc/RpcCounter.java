package io.millrace.server.rpc;

/** Port: counts what becomes of calls. Called from every event loop. */
public interface RpcCounter {

  /** A call has come in. Each is counted once more when it has {@linkplain #ended ended}. */
  void started();

  /** A call was handed to one more provider, because the one before it did not take it. */
  void rerouted();

  /**
   * @param nanos how long the call was open
   */
  void ended(CallEnd end, long nanos);
}

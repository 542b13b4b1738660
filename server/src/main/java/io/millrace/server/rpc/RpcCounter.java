package io.millrace.server.rpc;

/**
 * Port: counts what becomes of calls, each at the node of its caller. Called from every event loop.
 */
public interface RpcCounter {

  /** A call has come in. Each is counted once more when it has {@linkplain #ended ended}. */
  void started();

  /** A call was handed to another node, for its providers. */
  void remote();

  /** A call was handed to one more provider, because the one before it did not take it. */
  void rerouted();

  /**
   * @param nanos how long the call was open
   */
  void ended(CallEnd end, long nanos);
}

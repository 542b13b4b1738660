package io.millrace.server.rpc;

/** How a call can end. */
public enum CallEnd {
  /** A provider has answered, with a result or with an error of its own. */
  ANSWERED,
  /** Nobody provides it, or all who do have rejected it. */
  NO_PROVIDER,
  /** The last provider that could be asked did not accept it in time. */
  ACCEPT_TIMEOUT,
  /** The provider did not answer in time, or was gone after it had accepted. */
  RESPONSE_TIMEOUT,
  /** Nobody waits for the answer any more. */
  ABANDONED
}

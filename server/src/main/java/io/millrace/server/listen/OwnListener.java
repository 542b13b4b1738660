package io.millrace.server.listen;

/** A listener of this node. */
interface OwnListener extends PatternListener {

  /** Never given to another one on this node. */
  long id();

  /** The pattern, as the client wrote it. */
  String source();
}

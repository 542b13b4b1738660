package io.millrace.server.listen;

/**
 * What a listener of this node has to do with a name: it was asked whether it will provide it, and
 * may have said yes. Confined to the name's home loop.
 */
final class Engagement {
  final OwnName name;
  final OwnListener listener;

  /** Who asked, or who has been told of the claim. */
  String coordinator;

  /** It owes an answer. */
  boolean asked;

  /** It has accepted, and was not told that it is not needed: it believes that it provides. */
  boolean accepted;

  /** The coordinator has been told that it has accepted. */
  boolean said;

  /** That one may have forgotten it. */
  boolean stale;

  /** Of the claim, as it was said last. */
  long number;

  Engagement(OwnName name, OwnListener listener, String coordinator) {
    this.name = name;
    this.listener = listener;
    this.coordinator = coordinator;
  }
}

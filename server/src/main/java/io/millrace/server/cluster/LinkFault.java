package io.millrace.server.cluster;

/** What came over a link does not follow its format; the stream cannot go on. */
final class LinkFault extends Exception {
  private static final long serialVersionUID = 1;

  LinkFault(String message) {
    super(message);
  }
}

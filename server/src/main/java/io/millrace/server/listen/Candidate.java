package io.millrace.server.listen;

import java.util.HashSet;
import java.util.Set;

/** A pattern and who listens for it, as one home loop knows them. Confined to that loop. */
final class Candidate {
  private final long position;
  private final ListenPattern pattern;
  private final PatternListener listener;

  /** Names that it provides, or is being asked for. */
  private final Set<String> engagements = new HashSet<>(0);

  private boolean listening = true;

  Candidate(long position, ListenPattern pattern, PatternListener listener) {
    this.position = position;
    this.pattern = pattern;
    this.listener = listener;
  }

  /** Who came first has the lower one; never used again. */
  long position() {
    return position;
  }

  ListenPattern pattern() {
    return pattern;
  }

  PatternListener listener() {
    return listener;
  }

  /** False once the listener has gone, or listens no longer. */
  boolean isListening() {
    return listening;
  }

  void stop() {
    listening = false;
  }

  Set<String> engagements() {
    return engagements;
  }
}

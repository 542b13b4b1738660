package io.millrace.server.listen;

import io.millrace.server.subscription.Interest;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A name that somebody on this node has subscribed to, or may provide. Confined to its home loop.
 */
final class OwnName {
  final String name;

  /** Who has subscribed to it here. */
  @Nullable Interest interest;

  /** Who was told of the interest. */
  @Nullable String coordinator;

  /** That one may have forgotten it. */
  boolean stale;

  /** Of the interest, as it was said last. */
  long number;

  /** Whether somebody has been told of this interest, ever. */
  boolean saidBefore;

  /** What the subscribers were told last. */
  boolean provided;

  /** Whether it waits to be compared with what was said about it. */
  boolean waiting;

  final Map<OwnListener, Engagement> engagements = new HashMap<>(0);

  OwnName(String name) {
    this.name = name;
  }

  boolean isOver() {
    return interest == null && coordinator == null && engagements.isEmpty();
  }
}

package io.millrace.server.record;

import org.jspecify.annotations.Nullable;

/**
 * A delta that is handed over. Confined to the thread of its {@link DeltaSink.DeltaWay}.
 *
 * <p>It comes after another one of the same record and log partition if that is still under way.
 * Should that fail, this must not be applied either: the record would take the repetition of the
 * earlier one for a replay. But one that was refused is no hindrance.
 */
public final class DeltaAttempt {
  /** Hears how it ends. */
  public interface Listener {
    /**
     * @param outcome null if it failed
     * @param failure null if it did not
     */
    void ended(DeltaAttempt attempt, @Nullable DeltaOutcome outcome, @Nullable Throwable failure);
  }

  private final Delta delta;
  private final Listener listener;
  private @Nullable DeltaAttempt before;
  private boolean ended;
  private boolean failed;

  /**
   * @param before the one before it of the same record and partition, null if there is none
   */
  public DeltaAttempt(Delta delta, @Nullable DeltaAttempt before, Listener listener) {
    this.delta = delta;
    this.before = before;
    this.listener = listener;
  }

  /** With what it comes after as things are now. */
  public Delta delta() {
    DeltaAttempt earlier = before;
    if (earlier == null) {
      return delta;
    }
    if (earlier.ended && !earlier.failed) {
      before = null;
      return delta;
    }
    return delta.after(earlier.delta.position().offset());
  }

  public String name() {
    return delta.name().value();
  }

  public boolean isEnded() {
    return ended;
  }

  /** To be called once. */
  public void end(@Nullable DeltaOutcome outcome, @Nullable Throwable failure) {
    ended = true;
    failed = failure != null;
    before = null;
    listener.ended(this, outcome, failure);
  }
}

package io.millrace.server.cluster;

/**
 * What a link may hold.
 *
 * @param queueBytes that wait to be sent to one node; beyond it the stream ends, and the next one
 *     begins with what counts by then
 * @param frameBytes of one frame
 */
public record LinkLimits(long queueBytes, int frameBytes) {

  /** Some seconds of a busy node; a node that lags further behind had better begin anew. */
  private static final long QUEUE = 64L << 20;

  /** At least; a batch and one more message fit in. */
  private static final long FRAME = 16L << 20;

  /** So much more may wait at first, when everything that the other node has to know is said. */
  static final int AT_FIRST = 8;

  /**
   * Limits that let the largest message pass.
   *
   * @param largestMessage in bytes, of text that a client or topic may bring
   */
  public static LinkLimits of(long largestMessage) {
    // Text takes two bytes for each character at worst, in memory as in a frame.
    long frame = Math.min(FRAME + 2 * largestMessage, Integer.MAX_VALUE - 64);
    return new LinkLimits(QUEUE + 2 * frame, (int) frame);
  }
}

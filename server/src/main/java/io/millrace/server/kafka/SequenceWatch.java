package io.millrace.server.kafka;

/**
 * Holds a Host's own numbers of its changes against each other, in one log partition: they should
 * grow by one. Decides nothing, only counts. Confined to the poll thread.
 */
final class SequenceWatch {
  private boolean begun;
  private long last;
  private long offset = -1;

  /** What a number shows. */
  record Finding(long missing, boolean late) {
    static final Finding NOTHING = new Finding(0, false);
  }

  /**
   * @param atOffset of the message; one that is handed over again shows nothing
   */
  Finding saw(long sequence, long atOffset) {
    if (atOffset < offset) {
      return Finding.NOTHING;
    }
    offset = atOffset;
    if (!begun) {
      begun = true;
      last = sequence;
      return Finding.NOTHING;
    }
    if (sequence <= last) {
      return new Finding(0, true);
    }
    long missing = sequence - last - 1;
    last = sequence;
    return new Finding(missing, false);
  }

  /** The message at this offset has been looked at. */
  void passed(long atOffset) {
    offset = Math.max(offset, atOffset + 1);
  }
}

package io.millrace.server.record;

import java.util.concurrent.CompletionStage;

/** Port of the grid for records as a changelog has them. Thread-safe. */
public interface WarmTarget {

  /**
   * Takes the state over if neither grid nor storage knows the record, or what they know is older.
   * What owners have to store of it is under way then. States of one record are to be handed over
   * one after the other.
   *
   * @param changelog whose state it is, and who need not be told of it
   * @return whether it was taken over; fails if that is not known, and it has to be done again
   */
  CompletionStage<Boolean> warm(String changelog, StoredRecord state);
}

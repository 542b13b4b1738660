package io.millrace.examples.onsale;

import java.util.Locale;

/** What can be said of a seat. */
enum SeatState {
  AVAILABLE,
  HELD,
  SOLD;

  private final String word = name().toLowerCase(Locale.ROOT);

  /** The word that goes into the record. */
  String word() {
    return word;
  }
}

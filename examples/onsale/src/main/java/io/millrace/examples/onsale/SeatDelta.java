package io.millrace.examples.onsale;

/**
 * One change of one seat.
 *
 * @param number counts the deltas of the section, so it is the version that the record gets
 */
record SeatDelta(Section section, String seat, SeatState state, int number) {}

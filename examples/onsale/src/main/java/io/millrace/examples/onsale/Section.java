package io.millrace.examples.onsale;

import java.util.List;

/**
 * A section of the venue, which is one record.
 *
 * @param id such as {@code S-07}; also the Kafka key, so that its deltas stay in order
 * @param seats names {@code row-number}, row by row; no dots, because they end up in JSON paths
 */
record Section(String id, List<String> seats) {
  Section {
    seats = List.copyOf(seats);
  }

  String recordName() {
    return "venue/" + id;
  }
}

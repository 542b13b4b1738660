package io.millrace.benchmarks;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;

/**
 * The records that all benchmarks work on: sections of a venue, one object per seat.
 *
 * <pre>{ "seats": { "s0": { "state": "free" }, "s1": { "state": "free" }, ... } }</pre>
 */
public final class SeatRecords {
  private static final int BASE_LENGTH = seatText(0, "").length();

  private SeatRecords() {}

  /** A section where every seat is free. */
  public static ObjectNode tree(int seats) {
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    ObjectNode all = record.putObject("seats");
    for (int i = 0; i < seats; i++) {
      all.putObject("s" + i).put("state", "free");
    }
    return record;
  }

  /** The same as text. */
  public static JsonText record(int seats) {
    return Json.text(tree(seats));
  }

  /** Where a seat is. */
  public static String path(int seat) {
    return "seats.s" + seat;
  }

  /** A seat that was sold just now: {@code number} tells this sale from others. */
  public static JsonText seat(int number) {
    return seat(number, 0);
  }

  /** The same, with an order reference that fills it up to about {@code length} characters. */
  public static JsonText seat(int number, int length) {
    return new JsonText(seatText(number, "x".repeat(Math.max(0, length - BASE_LENGTH))));
  }

  private static String seatText(int number, String order) {
    return "{\"state\":\"sold\",\"sale\":" + number + ",\"order\":\"" + order + "\"}";
  }
}

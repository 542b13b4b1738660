package io.millrace.server.record;

import io.millrace.protocol.value.JsonText;

/**
 * The state of a record at its owner.
 *
 * @param version -1 when there is no such record; its data is then {@code {}}
 */
public record RecordSnapshot(long incarnation, int version, JsonText data) {
  public static final int MISSING = -1;

  public static RecordSnapshot missing(long incarnation) {
    return new RecordSnapshot(incarnation, MISSING, JsonText.EMPTY_OBJECT);
  }

  public boolean exists() {
    return version != MISSING;
  }
}

package io.millrace.protocol.value;

import io.millrace.protocol.Limits;

/** The name of a record: not empty and at most {@link Limits#MAX_NAME_LENGTH} UTF-16 units. */
public record RecordName(String value) implements Comparable<RecordName> {
  public RecordName {
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "a record name has 1 to " + Limits.MAX_NAME_LENGTH + " characters");
    }
  }

  /** Whether {@code value} may name a record. */
  public static boolean isValid(String value) {
    return !value.isEmpty() && value.length() <= Limits.MAX_NAME_LENGTH;
  }

  @Override
  public int compareTo(RecordName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}

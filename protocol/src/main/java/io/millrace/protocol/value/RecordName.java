package io.millrace.protocol.value;

import io.millrace.protocol.Limits;

/**
 * The name of a record: not empty, at most {@link Limits#MAX_NAME_LENGTH} UTF-16 units, and without
 * halves of surrogate pairs, which no UTF-8 can say.
 */
public record RecordName(String value) implements Comparable<RecordName> {
  public RecordName {
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "a record name has 1 to " + Limits.MAX_NAME_LENGTH + " characters, all of them whole");
    }
  }

  /** Whether {@code value} may name a record. */
  public static boolean isValid(String value) {
    return !value.isEmpty() && value.length() <= Limits.MAX_NAME_LENGTH && isWhole(value);
  }

  private static boolean isWhole(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      if (i + 1 == value.length() || !Character.isSurrogatePair(c, value.charAt(i + 1))) {
        return false;
      }
      i++;
    }
    return true;
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

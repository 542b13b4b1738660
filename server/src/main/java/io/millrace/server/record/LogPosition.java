package io.millrace.server.record;

/**
 * Where a delta stands in the log it came from.
 *
 * @param partition the log partition, as {@code source:topic/number}; {@code source:topic#2/number}
 *     in the second topic that was created anew under that name
 * @param offset the offset within it; grows with every message
 */
public record LogPosition(String partition, long offset) {
  private static final char GENERATION = '#';

  /** Whether the other partition is of a topic before this one of the same name. */
  boolean replaces(String other) {
    return partition.indexOf(GENERATION) >= 0
        && !other.equals(partition)
        && withoutGeneration(other).equals(withoutGeneration(partition));
  }

  private static String withoutGeneration(String name) {
    int begin = name.indexOf(GENERATION);
    return begin < 0 ? name : name.substring(0, begin) + name.substring(name.lastIndexOf('/'));
  }
}

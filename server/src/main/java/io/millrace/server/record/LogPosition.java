package io.millrace.server.record;

/**
 * Where a delta stands in the log it came from.
 *
 * @param partition the log partition, as {@code topic/number}
 * @param offset the offset within it; grows with every message
 */
public record LogPosition(String partition, long offset) {}

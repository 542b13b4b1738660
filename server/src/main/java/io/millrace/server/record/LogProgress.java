package io.millrace.server.record;

import java.util.Map;
import java.util.Set;

/**
 * Port: up to where logs are done with for good. Nothing before that is delivered again, so nobody
 * has to remember having seen it.
 */
public interface LogProgress {
  /**
   * The first offsets that may still be delivered, of those partitions of which that is known. May
   * block.
   *
   * @param partitions as in {@link LogPosition#partition}
   * @throws RuntimeException if it cannot be found out now
   */
  Map<String, Long> next(Set<String> partitions);
}

package io.millrace.server.config;

import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with a configuration; {@link #toString} is the line that people read.
 *
 * @param file where the fault is; also "configuration" or "built-in defaults" when there is no file
 * @param line the line within the file, from 1; 0 when the fault has none, such as a missing key
 * @param key the full key, such as {@code kafka.sources[0].topics}; absent when the file as a whole
 *     is at fault
 * @param problem what is wrong and what is allowed, in one line and without the values of secrets
 */
public record ConfigFault(String file, int line, @Nullable String key, String problem) {
  @Override
  public String toString() {
    var text = new StringBuilder(file);
    if (line > 0) {
      text.append(':').append(line);
    }
    if (key != null) {
      text.append(": ").append(key);
    }
    return text.append(": ").append(problem).toString();
  }
}

package io.millrace.server.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects what is wrong with one configuration. A key is blamed once: after its value was refused,
 * a stand-in takes its place so that the rest can still be checked, and faults of the stand-in are
 * nobody's business.
 */
final class Faults {
  private final String file;
  private final List<ConfigFault> faults = new ArrayList<>();

  Faults(String file) {
    this.file = file;
  }

  /** A fault of the file as a whole. */
  void addForFile(int line, String problem) {
    faults.add(new ConfigFault(file, line, null, problem));
  }

  void add(int line, String key, String problem) {
    if (faults.stream().noneMatch(fault -> covers(fault.key(), key))) {
      faults.add(new ConfigFault(file, line, key, problem));
    }
  }

  boolean isEmpty() {
    return faults.isEmpty();
  }

  /** In the order of the file; what has no line comes last. */
  List<ConfigFault> sorted() {
    return faults.stream()
        .sorted(
            Comparator.comparingInt(fault -> fault.line() == 0 ? Integer.MAX_VALUE : fault.line()))
        .toList();
  }

  private static boolean covers(@Nullable String faulty, String key) {
    return faulty != null
        && key.startsWith(faulty)
        && (key.length() == faulty.length() || ".[".indexOf(key.charAt(faulty.length())) >= 0);
  }
}

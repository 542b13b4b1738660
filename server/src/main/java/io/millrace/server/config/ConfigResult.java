package io.millrace.server.config;

import java.util.List;

/** What came of reading a configuration: either all of it is good, or every fault is listed. */
public sealed interface ConfigResult {

  /** A configuration without a fault. */
  record Loaded(MillraceConfig config) implements ConfigResult {}

  /** All that is wrong, in the order of the keys; never empty. */
  record Faulty(List<ConfigFault> faults) implements ConfigResult {
    public Faulty {
      faults = List.copyOf(faults);
    }
  }
}

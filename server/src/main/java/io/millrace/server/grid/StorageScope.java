package io.millrace.server.grid;

import java.util.List;

/**
 * Which records are stored: none without storage, else all but those whose name starts with an
 * excluded prefix (protocol §3.8).
 */
record StorageScope(boolean enabled, List<String> exclusionPrefixes) {
  StorageScope {
    exclusionPrefixes = List.copyOf(exclusionPrefixes);
  }

  boolean contains(String name) {
    if (!enabled) {
      return false;
    }
    for (String prefix : exclusionPrefixes) {
      if (name.startsWith(prefix)) {
        return false;
      }
    }
    return true;
  }
}

package io.millrace.server.grid;

import java.util.LinkedHashMap;
import java.util.Map;

/** The sizes of the records stored most recently. Confined to the storage writer. */
final class SizeMemory extends LinkedHashMap<String, Integer> {
  private static final long serialVersionUID = 1;
  private static final int CAPACITY = 10_000;

  SizeMemory() {
    super(16, 0.75f, true);
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
    return size() > CAPACITY;
  }
}

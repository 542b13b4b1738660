package io.millrace.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** What should not have happened during a run: how often, and the first of it. Thread-safe. */
final class Problems {
  private static final int KEPT = 5;

  private final List<String> first = new ArrayList<>();
  private long count;

  synchronized void add(String what) {
    count++;
    if (first.size() < KEPT) {
      first.add(what);
    }
  }

  synchronized long count() {
    return count;
  }

  synchronized List<String> first() {
    return List.copyOf(first);
  }
}

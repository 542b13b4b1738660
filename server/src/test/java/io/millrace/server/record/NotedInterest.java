package io.millrace.server.record;

import io.millrace.server.subscription.Interest;
import io.millrace.server.subscription.InterestObserver;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Notes which names have subscribers, and fails when it is told what cannot be. */
final class NotedInterest implements InterestObserver {
  private final Map<String, Interest> byName = new TreeMap<>();

  @Override
  public void first(Interest interest) {
    if (byName.put(interest.name(), interest) != null) {
      throw new IllegalStateException(interest.name() + " had subscribers already");
    }
  }

  @Override
  public void last(String name) {
    if (byName.remove(name) == null) {
      throw new IllegalStateException(name + " had no subscribers");
    }
  }

  Set<String> names() {
    return byName.keySet();
  }

  /** Says that the name has a provider, or has none; to be called on its home loop. */
  void provided(String name, boolean hasProvider) {
    Interest interest = byName.get(name);
    if (interest == null) {
      throw new IllegalStateException(name + " has no subscribers");
    }
    interest.provided(hasProvider);
  }
}

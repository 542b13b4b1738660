package io.millrace.server.cluster;

import io.millrace.server.peer.Membership;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Members and where they are, in the hand of a test, which all nodes see alike. Thread-safe. */
final class SharedMembership {
  private final Map<String, String> addresses = new ConcurrentHashMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  void join(String node, String address) {
    addresses.put(node, address);
    listeners.forEach(Runnable::run);
  }

  void leave(String node) {
    addresses.remove(node);
    listeners.forEach(Runnable::run);
  }

  Membership seenBy(String self) {
    return new Membership() {
      @Override
      public String self() {
        return self;
      }

      @Override
      public Set<String> nodes() {
        return Set.copyOf(addresses.keySet());
      }

      @Override
      public Optional<String> linkAddress(String node) {
        return Optional.ofNullable(addresses.get(node));
      }

      @Override
      public boolean isMinority() {
        return false;
      }

      @Override
      public boolean leftInGoodOrder(String node) {
        return false;
      }

      @Override
      public void onChange(Runnable listener) {
        listeners.add(listener);
      }
    };
  }
}

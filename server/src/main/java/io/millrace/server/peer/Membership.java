package io.millrace.server.peer;

import java.util.Optional;
import java.util.Set;

/**
 * Who belongs to the cluster, as its members have agreed; a node whose link is broken may still be
 * one of them. Thread-safe.
 */
public interface Membership {

  /** This node's id: its name and a part that differs with each start. */
  String self();

  /** The ids of all nodes, this one included; replaced as a whole. */
  Set<String> nodes();

  /** Where the node's end of a link is, as host:port; empty for a node that is not there. */
  Optional<String> linkAddress(String node);

  /**
   * Whether so few nodes see each other that others may decide without them ({@code
   * cluster.minSize}): writes are refused, and what is read may be old.
   */
  boolean isMinority();

  /** Whether the node handed over everything before it left, so that it has lost nothing. */
  boolean leftInGoodOrder(String node);

  /** Is told of every change from now on, on a thread that must not be held up. */
  void onChange(Runnable listener);

  /** The only node of a cluster of one. */
  static Membership alone(String self) {
    return new Membership() {
      @Override
      public String self() {
        return self;
      }

      @Override
      public Set<String> nodes() {
        return Set.of(self);
      }

      @Override
      public Optional<String> linkAddress(String node) {
        return Optional.empty();
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
      public void onChange(Runnable listener) {}
    };
  }
}

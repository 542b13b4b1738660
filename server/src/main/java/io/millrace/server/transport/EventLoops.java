package io.millrace.server.transport;

import java.util.List;

/** The event loops of this node. */
public record EventLoops(List<EventLoop> all) {
  public EventLoops {
    all = List.copyOf(all);
  }

  public int count() {
    return all.size();
  }

  public EventLoop get(int index) {
    return all.get(index);
  }

  /** The loop that owns this node's part in whatever has the name. */
  public EventLoop home(String name) {
    int hash = name.hashCode();
    return all.get(Math.floorMod(hash ^ (hash >>> 16), all.size()));
  }
}

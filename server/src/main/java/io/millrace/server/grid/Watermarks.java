package io.millrace.server.grid;

import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/**
 * How far each node has stored what it changed as an owner. A node's watermark is a {@link
 * io.millrace.server.record.RecordCell#sequence sequence}: every change that the node has made, or
 * taken over, with this sequence or an earlier one has been committed. It may fall, when the node
 * takes over what another one had not stored.
 *
 * <p>Whoever becomes the owner of a cell cannot know who changed it last. But whoever that was, the
 * change is newer than that node's watermark if it was not stored, and so newer than the lowest of
 * all. A node that has gone counts for a while longer: in that time others have taken over what it
 * left, and their own watermarks say so. Thread-safe.
 */
final class Watermarks {
  /** A node that has not been heard of may have stored nothing. */
  static final long NOTHING = 0;

  private static final Duration MEMORY = Duration.ofMinutes(2);

  private static final class Heard {
    long watermark;
    long lastMemberNs = System.nanoTime();
  }

  private final Map<String, Heard> others = new HashMap<>();
  private long own = NOTHING;

  synchronized void own(long watermark) {
    own = watermark;
  }

  synchronized long own() {
    return own;
  }

  synchronized void heard(String node, long watermark) {
    others.computeIfAbsent(node, unknown -> new Heard()).watermark = watermark;
  }

  /** Whether all of these nodes have been heard of. */
  synchronized boolean know(Set<String> nodes) {
    return others.keySet().containsAll(nodes);
  }

  /**
   * Up to where everything is stored, whoever has changed it; to be asked about every second, so
   * that nodes that have gone are forgotten in time.
   *
   * @param members the other nodes
   */
  synchronized long lowest(Set<String> members) {
    long now = System.nanoTime();
    long lowest = know(members) ? own : NOTHING;
    for (Iterator<Map.Entry<String, Heard>> all = others.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<String, Heard> each = all.next();
      Heard heard = each.getValue();
      if (members.contains(each.getKey())) {
        heard.lastMemberNs = now;
      } else if (now - heard.lastMemberNs > MEMORY.toNanos()) {
        all.remove();
        continue;
      }
      lowest = Math.min(lowest, heard.watermark);
    }
    return lowest;
  }
}

package io.millrace.server.rpc;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who provides the names that are at home on one event loop; confined to it. */
final class Providers {

  /** Calls that one provider may have in its hands: ten times what one caller may have open. */
  static final int MAX_OPEN = 100_000;

  /** Those who were chosen longest ago come first, so that equals take turns. */
  private final Map<String, Set<Provider>> byName = new HashMap<>();

  boolean isEmpty() {
    return byName.isEmpty();
  }

  void add(String name, Provider provider) {
    byName.computeIfAbsent(name, unknown -> new LinkedHashSet<>(2)).add(provider);
  }

  void remove(String name, Provider provider) {
    Set<Provider> all = byName.get(name);
    if (all != null && all.remove(provider) && all.isEmpty()) {
      byName.remove(name);
    }
  }

  /**
   * Who is to be handed the call: of those that were not yet, one that reads; rather on this node;
   * and with the least to do.
   */
  @Nullable Provider choose(RpcCall call) {
    Set<Provider> all = byName.getOrDefault(call.name(), Set.of());
    Provider best = null;
    for (Provider each : all) {
      if (call.wasHandedTo(each) || each.open() >= MAX_OPEN) {
        continue;
      }
      if (best == null || isBetter(each, best)) {
        best = each;
        if (best.isWritable() && best.isLocal() && best.open() == 0) {
          break;
        }
      }
    }
    if (best != null && all.size() > 1) {
      all.remove(best);
      all.add(best);
    }
    return best;
  }

  private static boolean isBetter(Provider one, Provider other) {
    if (one.isWritable() != other.isWritable()) {
      return one.isWritable();
    }
    if (one.isLocal() != other.isLocal()) {
      return one.isLocal();
    }
    return one.open() < other.open();
  }
}

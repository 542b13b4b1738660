package io.millrace.server.rpc;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who provides the names that are at home on one event loop; confined to it. */
final class Providers {

  /** Calls that one provider may have in its hands: ten times what one caller may have open. */
  static final int MAX_OPEN = 100_000;

  private final Map<String, Group> byName = new HashMap<>();

  private static final class Group {

    /** Those who were chosen longest ago come first, so that equals take turns. */
    final Set<Provider> all = new LinkedHashSet<>(2);

    int local;
  }

  boolean isEmpty() {
    return byName.isEmpty();
  }

  /** The names that somebody on this node provides. */
  Collection<String> localNames() {
    List<String> names = new ArrayList<>();
    byName.forEach(
        (name, group) -> {
          if (group.local > 0) {
            names.add(name);
          }
        });
    return names;
  }

  /** Answers whether it is the first on this node. */
  boolean add(String name, Provider provider) {
    Group group = byName.computeIfAbsent(name, unknown -> new Group());
    if (!group.all.add(provider) || !provider.isLocal()) {
      return false;
    }
    group.local++;
    return group.local == 1;
  }

  /** Answers whether it was the last on this node. */
  boolean remove(String name, Provider provider) {
    Group group = byName.get(name);
    if (group == null || !group.all.remove(provider)) {
      return false;
    }
    if (group.all.isEmpty()) {
      byName.remove(name);
    }
    if (!provider.isLocal()) {
      return false;
    }
    group.local--;
    return group.local == 0;
  }

  /** Removes it from all names, one by one: for what is as rare as a node that goes. */
  void removeEverywhere(Provider provider) {
    List.copyOf(byName.keySet()).forEach(name -> remove(name, provider));
  }

  /**
   * Who is to be handed the call: of those that were not yet, one that reads; rather on this node;
   * and with the least to do. What another node hands on is for this node: it knows of the others
   * itself, and a call must not go in circles.
   */
  @Nullable Provider choose(RpcCall call) {
    Group group = byName.get(call.name());
    if (group == null) {
      return null;
    }
    boolean localOnly = !call.requester.isLocal();
    Provider best = null;
    for (Provider each : group.all) {
      if ((localOnly && !each.isLocal()) || call.wasHandedTo(each) || !each.hasRoom(call)) {
        continue;
      }
      if (best == null || isBetter(each, best)) {
        best = each;
        if (best.isWritable() && best.isLocal() && best.open() == 0) {
          break;
        }
      }
    }
    if (best != null && group.all.size() > 1) {
      group.all.remove(best);
      group.all.add(best);
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

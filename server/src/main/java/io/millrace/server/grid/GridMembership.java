package io.millrace.server.grid;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.core.HazelcastInstance;
import io.millrace.server.peer.Membership;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The members of the grid under the names that nodes have for each other. */
final class GridMembership implements Membership, MembershipListener {
  private static final String NODE = "millrace.node";
  private static final String LINK = "millrace.link";

  private final String self;
  private final int minSize;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /** Link addresses by node; empty text where there is none. */
  private volatile Map<String, String> links = Map.of();

  GridMembership(String self, int minSize) {
    this.self = self;
    this.minSize = minSize;
  }

  /** What other members are told of this one when it joins. */
  static Map<String, String> attributes(String node, Optional<String> linkAddress) {
    return Map.of(NODE, node, LINK, linkAddress.orElse(""));
  }

  void follow(HazelcastInstance hazelcast) {
    hazelcast.getCluster().addMembershipListener(this);
    update(hazelcast.getCluster().getMembers());
  }

  private synchronized void update(Set<Member> members) {
    Map<String, String> now = new TreeMap<>();
    for (Member member : members) {
      String node = member.getAttribute(NODE);
      if (node != null) {
        String link = member.getAttribute(LINK);
        now.put(node, link == null ? "" : link);
      }
    }
    if (!now.equals(links)) {
      links = now;
      listeners.forEach(Runnable::run);
    }
  }

  @Override
  public void memberAdded(MembershipEvent event) {
    update(event.getMembers());
  }

  @Override
  public void memberRemoved(MembershipEvent event) {
    update(event.getMembers());
  }

  @Override
  public String self() {
    return self;
  }

  @Override
  public Set<String> nodes() {
    return links.keySet();
  }

  @Override
  public Optional<String> linkAddress(String node) {
    return Optional.ofNullable(links.get(node)).filter(address -> !address.isEmpty());
  }

  @Override
  public boolean isMinority() {
    return links.size() < minSize;
  }

  @Override
  public boolean leftInGoodOrder(String node) {
    return false;
  }

  @Override
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }
}

package io.millrace.server.grid;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceNotActiveException;
import com.hazelcast.core.LifecycleEvent;
import com.hazelcast.core.LifecycleListener;
import com.hazelcast.instance.impl.HazelcastInstanceProxy;
import com.hazelcast.internal.partition.PartitionReplica;
import com.hazelcast.internal.partition.impl.InternalPartitionServiceImpl;
import com.hazelcast.internal.partition.impl.PartitionReplicaManager;
import com.hazelcast.replicatedmap.ReplicatedMap;
import io.millrace.server.peer.Membership;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The members of the grid under the names that nodes have for each other. */
final class GridMembership implements Membership, MembershipListener, LifecycleListener {
  private static final Logger LOG = LoggerFactory.getLogger(GridMembership.class);
  private static final char SEPARATOR = '#';
  private static final String NODE = "millrace.node";
  private static final String LINK = "millrace.link";
  private static final String DEPARTED = "millrace.departed";

  /** Nodes that left are asked about until their records are written to; more are not kept. */
  private static final int MAX_DEPARTED = 1_000;

  /** A node that comes back has brought what it has by then, or it will not. */
  private static final long MAX_MEETING_NS = TimeUnit.SECONDS.toNanos(30);

  /** Between two looks at who is silent. */
  private static final long MARGIN_NS = TimeUnit.SECONDS.toNanos(2);

  private final String self;
  private final int minSize;
  private final int backups;
  private final long silenceNs;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /** Link addresses by node; empty text where there is none. */
  private volatile Map<String, String> links = Map.of();

  private volatile boolean hasLostNodes;

  /** When a node was lost last; valid if one was. */
  private volatile long lastLossNs;

  /** Nodes that were lost here and may only have been cut off. */
  private final Set<String> gone = new LinkedHashSet<>();

  private volatile boolean anyCameBack;
  private volatile int largest;

  /**
   * Whether so many nodes were lost here that some records may have no copy here: until a node that
   * was lost has brought what it has.
   */
  private volatile boolean isDiminished;

  /** Whether this node's member is about to become one of another part. */
  private volatile boolean isMerging;

  /** When a diminished part is big enough again, and waits for what the others bring. */
  private volatile @Nullable Long meetingSinceNs;

  private volatile Signature signature;
  private volatile @Nullable HazelcastInstance hazelcast;
  private volatile @Nullable ReplicatedMap<String, Long> departed;
  private volatile @Nullable InternalPartitionServiceImpl partitions;

  /**
   * @param silence how long others may be silent before they are taken for lost
   */
  GridMembership(String self, int minSize, int backups, Duration silence) {
    this.silenceNs = silence.toNanos();
    this.self = self;
    this.signature = new Signature(null, self + SEPARATOR);
    this.minSize = minSize;
    this.backups = backups;
  }

  /** What other members are told of this one when it joins. */
  static Map<String, String> attributes(String node, Optional<String> linkAddress) {
    return Map.of(NODE, node, LINK, linkAddress.orElse(""));
  }

  void follow(HazelcastInstance instance, boolean clustered) {
    if (clustered) {
      departed = instance.getReplicatedMap(DEPARTED);
    }
    if (instance instanceof HazelcastInstanceProxy proxy) {
      // What is public tells of owners only.
      partitions = proxy.getOriginal().node.partitionService;
    }
    hazelcast = instance;
    instance.getCluster().addMembershipListener(this);
    instance.getLifecycleService().addLifecycleListener(this);
    update(instance.getCluster().getMembers());
  }

  /**
   * Tells the others that this node hands over everything before it goes. To be called when it no
   * longer serves anybody, just before the grid is closed.
   */
  void leaving() {
    ReplicatedMap<String, Long> nodes = departed;
    HazelcastInstance instance = hazelcast;
    if (nodes == null || instance == null) {
      return;
    }
    try {
      nodes.put(self, instance.getCluster().getClusterTime());
      for (int excess = nodes.size() - MAX_DEPARTED; excess > 0; excess--) {
        nodes.entrySet().stream()
            .min(Comparator.comparingLong(Map.Entry::getValue))
            .ifPresent(oldest -> nodes.remove(oldest.getKey()));
      }
    } catch (RuntimeException e) {
      LOG.warn("the others could not be told that this node leaves: {}", e.toString());
    }
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
      for (String before : links.keySet()) {
        if (!now.containsKey(before) && !leftInGoodOrder(before)) {
          LOG.warn("node {} was lost", before);
          lastLossNs = System.nanoTime();
          hasLostNodes = true;
          gone.add(before);
        }
      }
      boolean cameBack = gone.removeAll(now.keySet());
      anyCameBack |= cameBack;
      notice(now.size(), cameBack);
      gone.stream().limit(Math.max(0, gone.size() - MAX_DEPARTED)).toList().forEach(gone::remove);
      largest = Math.max(largest, now.size());
      links = now;
      listeners.forEach(Runnable::run);
    }
  }

  private void notice(int size, boolean cameBack) {
    if (size < minSize && largest >= minSize) {
      isDiminished = true;
      meetingSinceNs = null;
    } else if (isDiminished && !isMerging && size >= minSize && meetingSinceNs == null) {
      if (cameBack) {
        meetingSinceNs = System.nanoTime();
      } else {
        // New nodes bring nothing: what is not here is gone, or in storage.
        isDiminished = false;
      }
    }
  }

  @Override
  public void stateChanged(LifecycleEvent event) {
    switch (event.getState()) {
      case MERGING -> isMerging = true;
      case MERGED, MERGE_FAILED -> {
        met();
        isMerging = false;
      }
      default -> {}
    }
  }

  /** A node that was cut off has brought all that it has into the part where this node is. */
  synchronized void met() {
    if (members().size() >= minSize) {
      isDiminished = false;
      meetingSinceNs = null;
    }
  }

  /**
   * Whether records may be missing here that a node is just bringing, or has not brought yet; so
   * that nothing can be said of them, and none be made anew. For seconds.
   */
  boolean isMeeting() {
    Long since = meetingSinceNs;
    return isMerging || (since != null && System.nanoTime() - since < MAX_MEETING_NS);
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
    return links.size() < minSize || (minSize > 1 && members().size() < minSize);
  }

  @Override
  public boolean leftInGoodOrder(String node) {
    ReplicatedMap<String, Long> nodes = departed;
    return nodes != null && nodes.containsKey(node);
  }

  @Override
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  /**
   * Whether the node is a member at this moment. What listeners have been told may be behind: a
   * node's requests, and partitions of one that is gone, come before that.
   */
  boolean isMember(String node) {
    for (Member member : members()) {
      if (node.equals(member.getAttribute(NODE))) {
        return true;
      }
    }
    return false;
  }

  /**
   * What this node signs records with: a member that was shut out and has come back has another
   * signature, because it lost what only it had, as if it had started again.
   */
  String signature() {
    HazelcastInstance instance = hazelcast;
    Signature known = signature;
    if (instance == null) {
      return known.text();
    }
    UUID member = instance.getCluster().getLocalMember().getUuid();
    if (!member.equals(known.member())) {
      known = new Signature(member, self + SEPARATOR + member);
      signature = known;
    }
    return known.text();
  }

  private record Signature(@Nullable UUID member, String text) {}

  /** Whether who has signed so has gone without handing over what it had. */
  boolean isLost(String signed) {
    int end = signed.lastIndexOf(SEPARATOR);
    String node = end < 0 ? signed : signed.substring(0, end);
    if (leftInGoodOrder(node)) {
      return false;
    }
    String member = signed.substring(end + 1);
    for (Member each : members()) {
      if (node.equals(each.getAttribute(NODE)) && member.equals(each.getUuid().toString())) {
        return false;
      }
    }
    return true;
  }

  /** Whether that has happened to any node while this one was there. */
  boolean hasLostNodes() {
    return hasLostNodes;
  }

  /**
   * Whether nodes have come back that were cut off from this part, and whatever was promised before
   * or meanwhile is known here: there can't have been two parts of the least size, this one always
   * was of that size, and so few nodes were missing that each record had a copy here.
   */
  boolean hasOutlivedSplit() {
    // Listeners may not have been told yet that a member is there which merges its records.
    boolean wasWhole = isMerging ? members().size() > minSize : !isDiminished;
    return (anyCameBack || isMerging)
        && wasWhole
        && 2 * minSize > largest
        && largest - minSize <= backups;
  }

  /** How many members a part must have so that it may change anything. */
  int minSize() {
    return minSize;
  }

  /**
   * Whether so little time has passed since a node was lost that the others may have lost this one.
   */
  boolean hasJustLostNodes() {
    // What is told to listeners comes a little late.
    return members().size() < links.size()
        || (hasLostNodes && System.nanoTime() - lastLossNs < silenceNs + MARGIN_NS);
  }

  /** Whether another member has, or is about to have, a copy of what this one changes. */
  boolean hasCopyElsewhere(String name) {
    InternalPartitionServiceImpl service = partitions;
    return service == null
        || service.getPartition(service.getPartitionId(name), false).getReplica(1) != null;
  }

  /** Has the record's partition copied from its owner once more. On the partition's thread. */
  void askForCopy(String name) {
    InternalPartitionServiceImpl service = partitions;
    HazelcastInstance instance = hazelcast;
    if (service == null || instance == null) {
      return;
    }
    int partition = service.getPartitionId(name);
    PartitionReplica self = PartitionReplica.from(instance.getCluster().getLocalMember());
    int replica = service.getPartition(partition, false).getReplicaIndex(self);
    if (replica > 0) {
      PartitionReplicaManager replicas = service.getReplicaManager();
      replicas.triggerPartitionReplicaSync(partition, replicas.getNamespaces(partition), replica);
    }
  }

  boolean isStopped() {
    HazelcastInstance instance = hazelcast;
    return instance == null || !instance.getLifecycleService().isRunning();
  }

  private Set<Member> members() {
    HazelcastInstance instance = hazelcast;
    try {
      return instance == null ? Set.of() : instance.getCluster().getMembers();
    } catch (HazelcastInstanceNotActiveException e) {
      return Set.of();
    }
  }
}

package io.millrace.server.grid;

import com.hazelcast.core.LifecycleEvent;
import com.hazelcast.core.LifecycleListener;
import io.millrace.server.peer.Membership;
import io.millrace.server.record.RecordFollower;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices what may have cost changes that owners have published, and has everything that this node
 * follows compared with the owners then: a node has gone, a node's stream has ended and begun anew,
 * or two parts of the cluster have met again. Thread-safe.
 *
 * <p>All of it, although only part can have changed: which one was whose, when, is known only
 * roughly, a comparison costs a few microseconds, and losses are rare.
 */
final class LossWatch implements LifecycleListener {
  private static final Logger LOG = LoggerFactory.getLogger(LossWatch.class);

  /** Nodes that have gone are remembered until nothing of theirs can be on its way any more. */
  private static final int MAX_LOST = 1_000;

  /** While a member can't be heard its changes are asked for, once in so many ticks. */
  private static final int TICKS_PER_QUESTION = 5;

  private final Membership membership;
  private final RecordFollower follower;
  private final Runnable tellOthers;
  private final Set<String> lost = new LinkedHashSet<>();
  private final Set<String> heard = ConcurrentHashMap.newKeySet();
  private Set<String> members = Set.of();
  private int ticks;

  /**
   * @param tellOthers has the other nodes compare what they follow, too
   */
  LossWatch(Membership membership, RecordFollower follower, Runnable tellOthers) {
    this.membership = membership;
    this.follower = follower;
    this.tellOthers = tellOthers;
  }

  void start() {
    membership.onChange(this::membersChanged);
    membersChanged();
  }

  private synchronized void membersChanged() {
    Set<String> before = members;
    members = Set.copyOf(membership.nodes());
    boolean anyLost = false;
    for (String node : before) {
      if (!members.contains(node)) {
        lost.add(node);
        anyLost = true;
      }
    }
    boolean anyBack = lost.removeAll(members);
    for (Iterator<String> oldest = lost.iterator(); lost.size() > MAX_LOST && oldest.hasNext(); ) {
      oldest.next();
      oldest.remove();
    }
    if (anyLost || anyBack) {
      compare("a node has gone or is back");
    }
  }

  /** The node can be heard from now on; what it has said before may have been lost. */
  synchronized void streamBegan(String node) {
    heard.add(node);
    compare("the stream of a node began");
  }

  synchronized void streamEnded(String node) {
    heard.remove(node);
  }

  /** How many other members can be heard now. Does not wait for anything. */
  int heard() {
    int count = 0;
    for (String node : membership.nodes()) {
      count += heard.contains(node) ? 1 : 0;
    }
    return count;
  }

  /** Another node asks for it, which has seen the cluster heal. */
  synchronized void asked() {
    compare("parts of the cluster have met");
  }

  /** To be called once a second. */
  synchronized void tick() {
    ticks++;
    if (ticks % TICKS_PER_QUESTION != 0) {
      return;
    }
    for (String node : members) {
      if (!node.equals(membership.self()) && !heard.contains(node)) {
        compare("a node can't be heard");
        return;
      }
    }
  }

  @Override
  public void stateChanged(LifecycleEvent event) {
    if (event.getState() == LifecycleEvent.LifecycleState.MERGED) {
      asked();
      tellOthers.run();
    }
  }

  private void compare(String reason) {
    if (PlantedFault.SKIP_RECONCILIATION.isPlanted()) {
      return;
    }
    LOG.debug("{}: comparing what is followed", reason);
    follower.reconcile(lost);
  }
}

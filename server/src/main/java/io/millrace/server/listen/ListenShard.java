package io.millrace.server.listen;

import io.millrace.server.listen.ListenMessage.FromCoordinator;
import io.millrace.server.listen.ListenMessage.PatternAdded;
import io.millrace.server.listen.ListenMessage.PatternRemoved;
import io.millrace.server.listen.ListenMessage.SayAgain;
import io.millrace.server.listen.ListenMessage.ToCoordinator;
import io.millrace.server.peer.Membership;
import io.millrace.server.peer.PeerChannel;
import io.millrace.server.subscription.Interest;
import io.millrace.server.transport.EventLoop;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * All about listening that is at home on one event loop: this node's part as a {@link Participant}
 * and as a {@link Coordinator}, and the patterns of all nodes. Confined to that loop.
 */
final class ListenShard {
  private final boolean announces;
  private final Membership membership;
  private final Outbox outbox;
  private final Coordinator coordinator;
  private final Participant participant;
  private Set<String> members;

  /** On the loop that announces them: this node's listeners that others were told of. */
  private final Map<Long, OwnListener> announced = new LinkedHashMap<>();

  /**
   * @param announces whether this is the one loop that tells other nodes of patterns, so that they
   *     hear of them in their order
   */
  ListenShard(
      EventLoop loop,
      boolean announces,
      CandidateList candidates,
      ListenTimes times,
      LongSupplier clockNs,
      Membership membership,
      PeerChannel<List<ListenMessage>> channel) {
    this.announces = announces;
    this.membership = membership;
    this.outbox = new Outbox(membership.self(), loop, channel, this::receivedHere);
    this.coordinator = new Coordinator(loop, candidates, times, clockNs, outbox);
    this.members = membership.nodes();
    this.participant = new Participant(loop, outbox, new Coordinators(members));
  }

  // --- this node

  void first(Interest interest) {
    participant.first(interest);
  }

  void last(String gone) {
    participant.last(gone);
  }

  void listen(ListenPattern pattern, OwnListener listener) {
    participant.listen(listener);
    patternAdded(membership.self(), listener.id(), pattern);
  }

  /**
   * To be called where it is announced, when all loops know the listener: who hears of it may ask
   * it at once, and a question to a listener that is unknown is lost. Does nothing if it listens no
   * longer.
   */
  void announce(OwnListener listener) {
    if (participant.isListening(listener)) {
      announced.put(listener.id(), listener);
      outbox.tellOthers(new PatternAdded(listener.id(), listener.source()));
    }
  }

  void unlisten(Collection<? extends OwnListener> listeners) {
    for (OwnListener listener : listeners) {
      participant.unlisten(listener);
      if (announced.remove(listener.id()) != null) {
        outbox.tellOthers(new PatternRemoved(listener.id()));
      }
    }
    patternsRemoved(membership.self(), listeners.stream().map(OwnListener::id).toList());
  }

  void accept(OwnListener listener, String accepted) {
    participant.accept(listener, accepted);
  }

  void reject(OwnListener listener, String rejected) {
    participant.reject(listener, rejected);
  }

  // --- other nodes

  private void receivedHere(ListenMessage message) {
    received(membership.self(), message);
  }

  void received(String node, ListenMessage message) {
    switch (message) {
      case ToCoordinator each -> coordinator.received(node, each);
      case FromCoordinator each -> participant.received(node, each);
      case SayAgain each -> participant.sayAgain(node);
      case PatternRemoved each -> patternsRemoved(node, List.of(each.listener()));
      case PatternAdded each ->
          ListenPattern.compile(each.pattern())
              .ifPresent(pattern -> remotePatternAdded(node, each.listener(), pattern));
    }
  }

  /** All nodes accept as many as one may have; what is more is not asked for names of this one. */
  void remotePatternAdded(String node, long listener, ListenPattern pattern) {
    if (coordinator.patterns() < 2 * Listening.MAX_PATTERNS) {
      patternAdded(node, listener, pattern);
    }
  }

  /** The node knows nothing of this one: the patterns come first, claims need them. */
  void sayPatterns(String node) {
    coordinator.unsettled();
    coordinator.reachable(node);
    if (announces) {
      announced
          .values()
          .forEach(each -> outbox.tell(node, new PatternAdded(each.id(), each.source())));
      outbox.tell(node, new SayAgain());
      outbox.flush();
    }
  }

  void sayNames(String node) {
    participant.sayAgain(node);
  }

  void left(String node) {
    coordinator.unsettled();
    coordinator.left(node, members.contains(node));
    participant.left(node);
    noteWhetherHeard();
  }

  void membersChanged() {
    Set<String> now = membership.nodes();
    if (!now.equals(members)) {
      members = now;
      coordinator.unsettled();
      participant.coordinators(new Coordinators(now));
    }
  }

  void flush() {
    outbox.flush();
  }

  private void patternAdded(String node, long listener, ListenPattern pattern) {
    boolean first = !coordinator.hasPatterns();
    coordinator.patternAdded(node, listener, pattern);
    if (first) {
      participant.heard();
    }
  }

  private void patternsRemoved(String node, Collection<Long> listeners) {
    coordinator.patternsRemoved(node, listeners);
    noteWhetherHeard();
  }

  private void noteWhetherHeard() {
    if (!coordinator.hasPatterns()) {
      participant.unheard();
    }
  }

  /** For tests: whether nothing is kept but for listeners. */
  boolean isIdle() {
    return coordinator.isIdle() && participant.isIdle();
  }
}

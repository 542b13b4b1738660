package io.millrace.server.listen;

import io.millrace.server.listen.ListenMessage.Claimed;
import io.millrace.server.listen.ListenMessage.Refused;
import io.millrace.server.listen.ListenMessage.Removed;
import io.millrace.server.listen.ListenMessage.ToCoordinator;
import io.millrace.server.listen.ListenMessage.Unclaimed;
import io.millrace.server.listen.ListenMessage.Unwanted;
import io.millrace.server.listen.ListenMessage.Wanted;
import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The names that this node coordinates and that are at home on one event loop: which nodes want
 * them, who may be asked, and who provides them. Confined to that loop.
 *
 * <p>It coordinates what it is told to coordinate: nodes turn to the one that {@link Coordinators}
 * names, and for as long as they do not agree on the members, a name may have two coordinators. It
 * forgets nothing because it believes to be in charge no longer; what moves to another node is
 * withdrawn by the nodes that have said it. Whatever is withdrawn like that, or lost with a link,
 * leads to a pause before anything is done about it ({@link #TAKEOVER_PAUSE}), because it may be
 * said again in a moment.
 */
final class Coordinator {
  /**
   * How long after a takeover, or a broken link, it is waited for others to say who provides: their
   * members change, and their links come back, at about the same time, not at the same moment.
   */
  static final Duration TAKEOVER_PAUSE = Duration.ofMillis(700);

  private final EventLoop loop;
  private final CandidateList candidates;
  private final ListenTimes times;
  private final LongSupplier clockNs;
  private final Outbox outbox;
  private final NameQueue queue;
  private final Pauses pauses;
  private final Map<String, ListenedName> names = new HashMap<>();
  private final Map<String, Map<Long, PeerListener>> listeners = new HashMap<>();

  /** Until then names that come up may be those of another coordinator. */
  private long unsettledUntilNs;

  private boolean unsettled;
  private boolean rematching;

  Coordinator(
      EventLoop loop,
      CandidateList candidates,
      ListenTimes times,
      LongSupplier clockNs,
      Outbox outbox) {
    this.loop = loop;
    this.candidates = candidates;
    this.times = times;
    this.clockNs = clockNs;
    this.outbox = outbox;
    this.queue = new NameQueue(loop, candidates, this::proceed);
    this.pauses = new Pauses(loop, TAKEOVER_PAUSE, clockNs, this::pauseIsOver);
  }

  /** A listener of some node, this one or another. */
  private final class PeerListener implements PatternListener {
    private final String node;
    private final long id;

    /** The claims that its node has said last, by name. */
    private final Map<String, Long> claims = new HashMap<>(0);

    PeerListener(String node, long id) {
      this.node = node;
      this.id = id;
    }

    @Override
    public void found(String name) {
      tell(node, new ListenMessage.Found(name, id));
    }

    @Override
    public void removed(String name) {
      Long claim = claims.remove(name);
      tell(node, new Removed(name, id, claim == null ? 0 : claim));
    }

    @Override
    public void timedOut(String name) {
      tell(node, new ListenMessage.TimedOut(name, id));
    }
  }

  void tell(String node, ListenMessage message) {
    outbox.tell(node, message);
  }

  // --- listeners

  boolean hasPatterns() {
    return !candidates.isEmpty();
  }

  int patterns() {
    return candidates.size();
  }

  void patternAdded(String node, long id, ListenPattern pattern) {
    Map<Long, PeerListener> ofNode = listeners.computeIfAbsent(node, unknown -> new HashMap<>());
    if (ofNode.containsKey(id)) {
      return;
    }
    PeerListener listener = new PeerListener(node, id);
    ofNode.put(id, listener);
    candidates.add(pattern, listener);
    queue.work();
    if (!rematching) {
      rematching = true;
      scheduleRematch();
    }
  }

  void patternsRemoved(String node, Collection<Long> ids) {
    Map<Long, PeerListener> ofNode = listeners.getOrDefault(node, Map.of());
    List<PeerListener> gone = new ArrayList<>(ids.size());
    for (Long id : ids) {
      PeerListener listener = ofNode.get(id);
      if (listener != null) {
        ofNode.remove(id);
        gone.add(listener);
      }
    }
    if (ofNode.isEmpty()) {
      listeners.remove(node);
    }
    removeCandidates(gone, false);
  }

  private void removeCandidates(Collection<PeerListener> gone, boolean mayReturn) {
    for (Candidate candidate : candidates.remove(gone)) {
      for (String engaged : candidate.engagements()) {
        ListenedName name = names.get(engaged);
        if (name != null) {
          if (mayReturn && name.search().isProvider(candidate)) {
            pause(name);
          }
          queue.add(name);
        }
      }
    }
  }

  // --- nodes

  /** Nodes have come or gone: names come to this one, and who provides them is said soon. */
  void unsettled() {
    unsettled = true;
    unsettledUntilNs = clockNs.getAsLong() + TAKEOVER_PAUSE.toNanos();
  }

  private boolean isUnsettled() {
    unsettled = unsettled && clockNs.getAsLong() - unsettledUntilNs < 0;
    return unsettled;
  }

  /**
   * All that the node has said is void.
   *
   * @param mayReturn it is still a member: only the link is broken
   */
  void left(String node, boolean mayReturn) {
    Map<Long, PeerListener> gone = listeners.remove(node);
    if (gone != null) {
      removeCandidates(gone.values(), mayReturn);
    }
    for (ListenedName name : List.copyOf(names.values())) {
      unwanted(name, node, mayReturn);
    }
  }

  /**
   * The node can be told things again, or for the first time: what its listeners were asked
   * meanwhile did not reach it, and who was not asked for that reason is not to wait for the next
   * rematch.
   */
  void reachable(String node) {
    Map<Long, PeerListener> ofNode = listeners.get(node);
    if (ofNode == null) {
      return;
    }
    for (PeerListener listener : ofNode.values()) {
      Candidate candidate = candidates.get(listener);
      if (candidate != null) {
        List.copyOf(candidate.engagements()).forEach(engaged -> askAgain(engaged, candidate));
      }
    }
    for (ListenedName name : names.values()) {
      if (!name.search().isProvided()) {
        name.search().startAgainWithOthers();
        queue.add(name);
      }
    }
  }

  private void askAgain(String asked, Candidate candidate) {
    ListenedName name = names.get(asked);
    if (name != null && name.search().isAsked(candidate)) {
      name.search().withdrawn(candidate);
      settle(name);
    }
  }

  void received(String node, ToCoordinator message) {
    switch (message) {
      case Wanted each -> wanted(node, each);
      case Unwanted each -> {
        ListenedName name = names.get(each.name());
        if (name != null) {
          unwanted(name, node, each.moved());
        }
      }
      case Claimed each -> claimed(node, each);
      case Unclaimed each -> unclaimed(node, each);
      case Refused each -> refused(node, each);
    }
  }

  private void wanted(String node, Wanted message) {
    ListenedName name = names.get(message.name());
    boolean isNew = name == null;
    if (name == null) {
      name = add(message.name());
    }
    name.want(node, message);
    if (!name.search().isSubscribed()) {
      name.search().subscribed();
    }
    if (name.search().isSearching() && (message.again() || (isNew && isUnsettled()))) {
      pause(name);
    }
    name.tell();
    queue.add(name);
  }

  private void unwanted(ListenedName name, String node, boolean moved) {
    if (!name.unwant(node) || name.isWanted()) {
      return;
    }
    if (moved) {
      pause(name);
    } else {
      end(name);
    }
  }

  private void claimed(String node, Claimed message) {
    PeerListener listener = listener(node, message.listener());
    Candidate candidate = listener == null ? null : candidates.get(listener);
    ListenedName name = names.get(message.name());
    if (listener == null || candidate == null || (name == null && !message.again())) {
      // It believes that it provides what nobody wants, or what cannot be told who provides it.
      tell(node, new Removed(message.name(), message.listener(), message.number()));
      return;
    }
    if (name == null) {
      // Who wants it will say so soon.
      name = add(message.name());
      name.search().subscribed();
      pause(name);
    }
    listener.claims.put(message.name(), message.number());
    name.search().accepted(candidate);
    settle(name);
  }

  private void unclaimed(String node, Unclaimed message) {
    ListenedName name = names.get(message.name());
    PeerListener listener = listener(node, message.listener());
    Candidate candidate = listener == null ? null : candidates.get(listener);
    if (name == null || listener == null || candidate == null) {
      return;
    }
    listener.claims.remove(message.name());
    if (name.search().isProvider(candidate)) {
      pause(name);
    }
    name.search().withdrawn(candidate);
    settle(name);
  }

  private void refused(String node, Refused message) {
    ListenedName name = names.get(message.name());
    PeerListener listener = listener(node, message.listener());
    Candidate candidate = listener == null ? null : candidates.get(listener);
    if (name == null || listener == null || candidate == null) {
      return;
    }
    listener.claims.remove(message.name());
    if (name.search().rejected(candidate)) {
      name.refusedAtNs = clockNs.getAsLong();
    }
    settle(name);
  }

  private @Nullable PeerListener listener(String node, long id) {
    return listeners.getOrDefault(node, Map.of()).get(id);
  }

  // --- names

  private ListenedName add(String added) {
    ListenedName name = new ListenedName(added, this);
    name.rematch = queue.rematches();
    names.put(added, name);
    return name;
  }

  private void pause(ListenedName name) {
    name.search().pause();
    queue.remove(name);
    pauses.begin(name);
  }

  private void pauseIsOver(ListenedName name) {
    name.search().resume();
    if (name.isWanted()) {
      name.tell();
      queue.add(name);
    } else {
      end(name);
    }
  }

  /** Nobody wants it. */
  private void end(ListenedName name) {
    pauses.cancel(name);
    name.search().resume();
    name.search().unsubscribed();
    forgetIfOver(name);
  }

  EventLoop.Timer startTimer(ListenedName name) {
    return loop.schedule(
        times.responseTimeout(),
        () -> {
          name.refusedAtNs = clockNs.getAsLong();
          name.search().noAnswer();
          settle(name);
        });
  }

  private void settle(ListenedName name) {
    forgetIfOver(name);
    if (name.search().isSearching()) {
      queue.add(name);
    }
  }

  private void forgetIfOver(ListenedName name) {
    if (name.search().isOver()) {
      // By now it may be another one's, if this one was still in the queue.
      names.remove(name.name(), name);
      queue.remove(name);
    }
  }

  private void proceed(ListenedName name, WorkBudget budget) {
    NameSearch search = name.search();
    if (name.rematch != queue.rematches()) {
      name.rematch = queue.rematches();
      if (search.isSearching() && !isCoolingDown(name)) {
        search.startAgain();
      }
    }
    boolean more = search.proceed(candidates, budget);
    forgetIfOver(name);
    if (more) {
      queue.add(name);
    } else if (search.isSearching() && !search.isPaused()) {
      queue.rest(name);
    }
  }

  private boolean isCoolingDown(ListenedName name) {
    return name.refusedAtNs != 0
        && clockNs.getAsLong() - name.refusedAtNs < times.matchCooldown().toNanos();
  }

  // --- rematch

  private void scheduleRematch() {
    loop.schedule(times.rematchInterval(), this::rematch);
  }

  private void rematch() {
    if (candidates.isEmpty()) {
      rematching = false;
      return;
    }
    queue.rematch();
    scheduleRematch();
  }

  /** For tests: whether nothing is kept but for listeners. */
  boolean isIdle() {
    return names.isEmpty()
        && pauses.isEmpty()
        && listeners.values().stream()
            .flatMap(each -> each.values().stream())
            .allMatch(each -> each.claims.isEmpty());
  }
}

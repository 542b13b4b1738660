package io.millrace.server.listen;

import io.millrace.server.listen.ListenMessage.Claimed;
import io.millrace.server.listen.ListenMessage.Found;
import io.millrace.server.listen.ListenMessage.FromCoordinator;
import io.millrace.server.listen.ListenMessage.Provided;
import io.millrace.server.listen.ListenMessage.Refused;
import io.millrace.server.listen.ListenMessage.Removed;
import io.millrace.server.listen.ListenMessage.TimedOut;
import io.millrace.server.listen.ListenMessage.Unclaimed;
import io.millrace.server.listen.ListenMessage.Unwanted;
import io.millrace.server.listen.ListenMessage.Wanted;
import io.millrace.server.subscription.Interest;
import io.millrace.server.transport.EventLoop;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * This node's subscribers and listeners, for the names that are at home on one event loop: what
 * they want and what they have promised, and which coordinator knows of it. It outlasts
 * coordinators; when another node coordinates a name, that one is told. Confined to the loop.
 *
 * <p>Who was never asked cannot accept: the coordinators rely on that.
 */
final class Participant {
  /** Listeners that may still accept late, over all names: a late answer comes soon, or never. */
  static final int MAX_LATE = 10_000;

  /** Names that are looked at again at one go. */
  private static final int SLICE = 200;

  private final EventLoop loop;
  private final Outbox outbox;
  private Coordinators coordinators;
  private final Map<String, OwnName> names = new HashMap<>();
  private final Map<Long, OwnListener> listeners = new HashMap<>();
  private final Map<OwnListener, Set<Engagement>> engagements = new HashMap<>();

  /** Those who have not accepted and owe no answer, but may give one; the oldest is first. */
  private final Set<Engagement> late = new LinkedHashSet<>();

  private final Deque<OwnName> waiting = new ArrayDeque<>();
  private boolean working;

  /** Whether somebody listens, anywhere; if not, nobody needs to know what is wanted. */
  private boolean heard;

  private long numbers;

  Participant(EventLoop loop, Outbox outbox, Coordinators coordinators) {
    this.loop = loop;
    this.outbox = outbox;
    this.coordinators = coordinators;
  }

  // --- subscribers and listeners of this node

  void first(Interest interest) {
    OwnName name = names.computeIfAbsent(interest.name(), OwnName::new);
    name.interest = interest;
    name.saidBefore = false;
    name.provided = false;
    say(name);
  }

  void last(String gone) {
    OwnName name = names.get(gone);
    if (name != null) {
      name.interest = null;
      say(name);
      forgetIfOver(name);
    }
  }

  void listen(OwnListener listener) {
    listeners.put(listener.id(), listener);
  }

  boolean isListening(OwnListener listener) {
    return listeners.containsKey(listener.id());
  }

  void unlisten(OwnListener listener) {
    listeners.remove(listener.id());
    Set<Engagement> all = engagements.remove(listener);
    if (all != null) {
      all.forEach(this::drop);
    }
  }

  void accept(OwnListener listener, String accepted) {
    Engagement engagement = engagement(listener, accepted);
    if (engagement == null) {
      // It believes that it provides what it was not asked for, or too long ago.
      listener.removed(accepted);
      return;
    }
    if (engagement.accepted && !engagement.asked) {
      return;
    }
    boolean again = !engagement.coordinator.equals(coordinators.of(accepted));
    engagement.accepted = true;
    engagement.asked = false;
    late.remove(engagement);
    claim(engagement, again);
  }

  void reject(OwnListener listener, String rejected) {
    Engagement engagement = engagement(listener, rejected);
    if (engagement == null || !(engagement.asked || engagement.accepted)) {
      return;
    }
    engagement.asked = false;
    engagement.accepted = false;
    engagement.said = false;
    mayAcceptLate(engagement);
    outbox.tell(engagement.coordinator, new Refused(rejected, listener.id()));
  }

  // --- coordinators

  void received(String from, FromCoordinator message) {
    switch (message) {
      case Provided each -> provided(from, each);
      case Found each -> found(from, each);
      case Removed each -> removed(from, each);
      case TimedOut each -> timedOut(each);
    }
  }

  private void provided(String from, Provided message) {
    OwnName name = names.get(message.name());
    if (name == null || !from.equals(name.coordinator) || name.number != message.number()) {
      return;
    }
    Interest interest = name.interest;
    if (interest != null && name.provided != message.provided()) {
      name.provided = message.provided();
      interest.provided(name.provided);
    }
  }

  private void found(String from, Found message) {
    OwnListener listener = listeners.get(message.listener());
    if (listener == null) {
      return;
    }
    OwnName name = names.computeIfAbsent(message.name(), OwnName::new);
    Engagement engagement = name.engagements.get(listener);
    if (engagement == null) {
      engagement = new Engagement(name, listener, from);
      name.engagements.put(listener, engagement);
      engagements.computeIfAbsent(listener, unknown -> new LinkedHashSet<>(0)).add(engagement);
    } else if (!engagement.accepted) {
      engagement.coordinator = from;
      late.remove(engagement);
    } else if (!from.equals(engagement.coordinator)) {
      // It has accepted for another coordinator, or will be said to have done so soon.
      return;
    }
    engagement.asked = true;
    listener.found(message.name());
  }

  private void removed(String from, Removed message) {
    Engagement engagement = engagement(message.listener(), message.name());
    if (engagement == null) {
      return;
    }
    // While two believe to coordinate the name, one of them may go on asking.
    boolean meant =
        from.equals(engagement.coordinator)
            && message.number() == (engagement.accepted ? engagement.number : 0);
    if (meant) {
      drop(engagement);
      forget(engagement);
      engagement.listener.removed(message.name());
    }
  }

  private void timedOut(TimedOut message) {
    Engagement engagement = engagement(message.listener(), message.name());
    if (engagement != null && engagement.asked) {
      notAsked(engagement);
      engagement.listener.timedOut(message.name());
    }
  }

  // --- changes in the cluster

  /** Somebody listens for something now, somewhere. */
  void heard() {
    heard = true;
    lookAtAll();
  }

  /** Nobody listens any more. What was said stays said, until it is no longer true. */
  void unheard() {
    heard = false;
  }

  void coordinators(Coordinators now) {
    coordinators = now;
    lookAtAll();
  }

  /** The coordinator may have forgotten what it was told, or may not. */
  void sayAgain(String coordinator) {
    for (OwnName name : names.values()) {
      if (coordinator.equals(name.coordinator)) {
        name.stale = true;
        look(name);
      }
      for (Engagement engagement : name.engagements.values()) {
        if (engagement.said && coordinator.equals(engagement.coordinator)) {
          engagement.stale = true;
          look(name);
        }
      }
    }
  }

  /** What the node has asked is void. */
  void left(String coordinator) {
    engagements.values().stream()
        .flatMap(Set::stream)
        .filter(each -> each.asked && coordinator.equals(each.coordinator))
        .toList()
        .forEach(this::notAsked);
  }

  private void lookAtAll() {
    names.values().forEach(this::look);
  }

  private void look(OwnName name) {
    if (!name.waiting) {
      name.waiting = true;
      waiting.add(name);
    }
    if (!working) {
      working = true;
      loop.execute(this::workOneSlice);
    }
  }

  private void workOneSlice() {
    working = false;
    for (int i = 0; i < SLICE && !waiting.isEmpty(); i++) {
      OwnName name = waiting.remove();
      name.waiting = false;
      say(name);
      forgetIfOver(name);
    }
    if (!waiting.isEmpty()) {
      working = true;
      loop.execute(this::workOneSlice);
    }
  }

  /** Says what is so, as far as the name's coordinator does not know it; claims before wishes. */
  private void say(OwnName name) {
    String coordinator = coordinators.of(name.name);
    for (Engagement engagement : List.copyOf(name.engagements.values())) {
      boolean known =
          engagement.said && !engagement.stale && engagement.coordinator.equals(coordinator);
      if (engagement.accepted && !known) {
        claim(engagement, true);
      }
    }
    boolean wanted = name.interest != null;
    String told = name.coordinator;
    if (told != null && (!wanted || !told.equals(coordinator))) {
      name.coordinator = null;
      outbox.tell(told, new Unwanted(name.name, wanted));
    }
    if (wanted && heard && (name.coordinator == null || name.stale)) {
      boolean again = name.saidBefore;
      name.coordinator = coordinator;
      name.stale = false;
      name.saidBefore = true;
      name.number = ++numbers;
      outbox.tell(coordinator, new Wanted(name.name, name.number, name.provided, again));
    }
  }

  private void claim(Engagement engagement, boolean again) {
    String name = engagement.name.name;
    String coordinator = coordinators.of(name);
    long listener = engagement.listener.id();
    if (engagement.said && !engagement.coordinator.equals(coordinator)) {
      outbox.tell(engagement.coordinator, new Unclaimed(name, listener));
    }
    engagement.coordinator = coordinator;
    engagement.said = true;
    engagement.stale = false;
    engagement.number = ++numbers;
    outbox.tell(coordinator, new Claimed(name, listener, engagement.number, again));
  }

  // ---

  private @Nullable Engagement engagement(long listener, String name) {
    OwnListener own = listeners.get(listener);
    return own == null ? null : engagement(own, name);
  }

  private @Nullable Engagement engagement(OwnListener listener, String name) {
    OwnName own = names.get(name);
    return own == null ? null : own.engagements.get(listener);
  }

  private void notAsked(Engagement engagement) {
    engagement.asked = false;
    if (!engagement.accepted) {
      mayAcceptLate(engagement);
    }
  }

  private void mayAcceptLate(Engagement engagement) {
    late.add(engagement);
    if (late.size() > MAX_LATE) {
      Iterator<Engagement> oldest = late.iterator();
      Engagement forgotten = oldest.next();
      drop(forgotten);
      forget(forgotten);
    }
  }

  /** Takes it from its name. */
  private void drop(Engagement engagement) {
    late.remove(engagement);
    engagement.name.engagements.remove(engagement.listener);
    forgetIfOver(engagement.name);
  }

  /** Takes it from its listener. */
  private void forget(Engagement engagement) {
    Set<Engagement> all = engagements.get(engagement.listener);
    if (all != null) {
      all.remove(engagement);
      if (all.isEmpty()) {
        engagements.remove(engagement.listener);
      }
    }
  }

  private void forgetIfOver(OwnName name) {
    if (name.isOver()) {
      // By now it may be another one's, if this one was still in the queue.
      names.remove(name.name, name);
    }
  }

  /** For tests: whether nothing is wanted, asked or promised. */
  boolean isIdle() {
    return names.values().stream()
        .allMatch(
            name ->
                name.interest == null
                    && name.coordinator == null
                    && name.engagements.values().stream().noneMatch(e -> e.asked || e.accepted));
  }
}

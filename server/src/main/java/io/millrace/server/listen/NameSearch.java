package io.millrace.server.listen;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who provides one name: a state machine without clock, threads or network, so that it can run
 * wherever the name is at home.
 *
 * <pre>
 *              subscribed              a candidate matches
 *   (nothing) ------------> searching ---------------------> asking
 *                            |  ^  ^                          |  |
 *        nobody is left      |  |  +-- rejected, timed out ---+  | accepted
 *        to be asked         v  |                                v
 *                        unprovided <--- provider gone ------ provided
 * </pre>
 *
 * <p><b>At most one.</b> A candidate is asked, or provides; never two at once. An answer counts
 * only if it comes from who was asked.
 *
 * <p><b>What was found is removed.</b> Everybody who was told that the name was found is told that
 * it is not wanted any more, unless they have refused, left, or let the time pass. Who is being
 * asked when the last subscriber leaves is told when the answer comes, because a client that has
 * not accepted yet does not listen for the end.
 *
 * <p><b>Late answers.</b> Answers and questions may cross on the wire. Who was asked before and
 * accepts after all is taken when nobody else provides the name or is being asked. Whoever else
 * accepts is told that they are not needed: nobody provides a name without being asked, or goes on
 * believing that they do. A provider that refuses provides no longer.
 */
final class NameSearch {

  /** Those who were asked before and whose answer would still be understood, for each name. */
  private static final int MAX_EARLIER = 8;

  private static final List<Candidate> NOBODY = List.of();

  /** What a search has others do. */
  interface Effects {
    /** Whether the name has a provider has changed. */
    void provided(boolean hasProvider);

    /** Somebody was asked: {@link #noAnswer} is to be called when the time is over. */
    void startTimer();

    void stopTimer();
  }

  /** Who was asked and has not accepted, or too late: then it is willing. */
  private record Earlier(Candidate candidate, boolean willing) {}

  private final String name;
  private final Effects effects;
  private boolean subscribed;
  private @Nullable Candidate asked;
  private @Nullable Candidate provider;

  /** Candidates up to there have been looked at. */
  private long position;

  /** Those that match and are next to be asked; null if the group is still to be found. */
  private @Nullable Deque<Candidate> group;

  /** The part of the next group that has been found. */
  private List<Candidate> found = NOBODY;

  private List<Earlier> earlier = List.of();

  /** Who does not want to provide the name any more, and is not to be asked at once. */
  private @Nullable Candidate resigned;

  NameSearch(String name, Effects effects) {
    this.name = name;
    this.effects = effects;
  }

  // --- what happens

  /** Somebody wants the name, where nobody did. */
  void subscribed() {
    subscribed = true;
    startAgain();
  }

  /** Nobody wants the name any more. */
  void unsubscribed() {
    subscribed = false;
    Candidate last = provider;
    if (last != null) {
      provider = null;
      disengage(last);
      last.listener().removed(name);
    }
    earlier.stream().filter(Earlier::willing).forEach(each -> notNeeded(each.candidate()));
    earlier = List.of();
    startAgain();
  }

  void accepted(Candidate candidate) {
    if (candidate == asked) {
      endAsking(candidate);
      if (subscribed) {
        provide(candidate);
      } else {
        notNeeded(candidate);
      }
      return;
    }
    if (candidate == provider) {
      return;
    }
    boolean known = forget(candidate);
    if (known && provider == null) {
      remember(candidate, true);
    } else {
      notNeeded(candidate);
    }
  }

  /** False if the candidate was not asked. */
  boolean rejected(Candidate candidate) {
    if (candidate == asked) {
      endAsking(candidate);
      remember(candidate, false);
      return true;
    }
    if (candidate == provider) {
      endProviding(candidate);
      resigned = candidate;
      remember(candidate, false);
      return true;
    }
    if (forget(candidate)) {
      remember(candidate, false);
    }
    return false;
  }

  /** Who was asked has not answered in time. */
  void noAnswer() {
    Candidate silent = asked;
    if (silent == null) {
      return;
    }
    endAsking(silent);
    if (subscribed) {
      silent.listener().timedOut(name);
      remember(silent, false);
    } else {
      notNeeded(silent);
    }
  }

  /** The matching begins again from the first candidate, if there is something to be searched. */
  void startAgain() {
    position = 0;
    resigned = null;
    group = null;
    found = NOBODY;
  }

  /**
   * Goes on with what is to be done, as far as the budget goes: takes note of candidates that have
   * gone, and asks the next one.
   *
   * @return whether there is more to be done
   */
  boolean proceed(Candidates candidates, WorkBudget budget) {
    dropGone();
    while (isSearching()) {
      Candidate willing = takeWilling();
      if (willing != null) {
        provide(willing);
        return false;
      }
      if (group == null && !findGroup(candidates, budget)) {
        return true;
      }
      Candidate next = group == null ? null : group.poll();
      if (next == null) {
        group = null;
        if (position >= candidates.newest()) {
          return false;
        }
      } else if (next.isListening() && next != resigned) {
        ask(next);
      }
    }
    return false;
  }

  // --- what is the case

  /** Whether there is nothing to be kept. */
  boolean isOver() {
    return !subscribed && asked == null;
  }

  /** Whether the name is wanted, and nobody provides it or is being asked. */
  boolean isSearching() {
    return subscribed && provider == null && asked == null;
  }

  /** Whether somebody has come who was not considered yet. */
  boolean isBehind(Candidates candidates) {
    return position < candidates.newest();
  }

  // ---

  private void dropGone() {
    Candidate gone = asked;
    if (gone != null && !gone.isListening()) {
      endAsking(gone);
    }
    gone = provider;
    if (gone != null && !gone.isListening()) {
      endProviding(gone);
    }
    if (!earlier.isEmpty()) {
      earlier = earlier.stream().filter(each -> each.candidate().isListening()).toList();
    }
  }

  /** Looks for those who are next; false if the budget was not enough. */
  private boolean findGroup(Candidates candidates, WorkBudget budget) {
    while (found.size() < candidates.groupSize()) {
      if (budget.isSpent()) {
        return false;
      }
      Candidate candidate = candidates.after(position);
      if (candidate == null) {
        position = candidates.newest();
        break;
      }
      position = candidate.position();
      budget.spend(1 + candidate.pattern().cost(name));
      if (candidate.pattern().matches(name)) {
        if (found.isEmpty()) {
          found = new ArrayList<>(1);
        }
        found.add(candidate);
      }
    }
    if (found.size() > 1) {
      candidates.arrange(found);
    }
    group = new ArrayDeque<>(found);
    found = NOBODY;
    return true;
  }

  private void ask(Candidate candidate) {
    forget(candidate);
    asked = candidate;
    candidate.engagements().add(name);
    candidate.listener().found(name);
    effects.startTimer();
  }

  private void endAsking(Candidate candidate) {
    asked = null;
    disengage(candidate);
    effects.stopTimer();
  }

  private void provide(Candidate candidate) {
    provider = candidate;
    candidate.engagements().add(name);
    // Should it leave, everybody is asked again.
    startAgain();
    for (Earlier each : earlier) {
      if (each.willing()) {
        notNeeded(each.candidate());
      }
    }
    earlier = List.of();
    effects.provided(true);
  }

  private void endProviding(Candidate candidate) {
    provider = null;
    disengage(candidate);
    effects.provided(false);
  }

  private void disengage(Candidate candidate) {
    candidate.engagements().remove(name);
  }

  private void notNeeded(Candidate candidate) {
    if (candidate.isListening()) {
      candidate.listener().removed(name);
    }
  }

  // --- those who were asked before

  private void remember(Candidate candidate, boolean willing) {
    List<Earlier> all = new ArrayList<>(earlier);
    all.add(new Earlier(candidate, willing));
    if (all.size() > MAX_EARLIER) {
      Earlier oldest = all.remove(0);
      if (oldest.willing()) {
        notNeeded(oldest.candidate());
      }
    }
    earlier = all;
  }

  private boolean forget(Candidate candidate) {
    if (earlier.isEmpty()) {
      return false;
    }
    List<Earlier> others = earlier.stream().filter(each -> each.candidate() != candidate).toList();
    boolean known = others.size() < earlier.size();
    earlier = others;
    return known;
  }

  private @Nullable Candidate takeWilling() {
    for (Earlier each : earlier) {
      if (each.willing()) {
        forget(each.candidate());
        return each.candidate();
      }
    }
    return null;
  }
}

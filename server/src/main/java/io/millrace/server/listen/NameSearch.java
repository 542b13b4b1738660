package io.millrace.server.listen;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who provides one name: a state machine without clock, threads or network, so that it can run on
 * whichever node coordinates the name.
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
 * <p><b>At most one.</b> A candidate is asked, or provides; never two at once.
 *
 * <p><b>What was found is removed.</b> Everybody who was told that the name was found is told that
 * it is not wanted any more, unless they have refused, left, or let the time pass. Who is being
 * asked when the last subscriber leaves is told when the answer comes, because a client that has
 * not accepted yet does not listen for the end.
 *
 * <p><b>Late answers.</b> Answers and questions may cross on the wire, and who was asked may have
 * been asked by another coordinator. Only who was asked can accept, the candidate's node sees to
 * that ({@link Participant}); so whoever accepts is taken when nobody else provides the name or is
 * being asked. Who is not needed is told so: nobody goes on believing that they provide. A provider
 * that refuses provides no longer.
 *
 * <p><b>Pauses.</b> Who takes over a name does not know yet who provides it. As long as the search
 * is paused, nobody is asked, but who says that they provide is taken.
 */
final class NameSearch {

  /** Those who are kept for the case that nobody else accepts. */
  private static final int MAX_WILLING = 8;

  private static final List<Candidate> NOBODY = List.of();

  /** What a search has others do. */
  interface Effects {
    /** Whether the name has a provider has changed. */
    void provided(boolean hasProvider);

    /** Somebody was asked: {@link #noAnswer} is to be called when the time is over. */
    void startTimer();

    void stopTimer();
  }

  private final String name;
  private final Effects effects;
  private boolean subscribed;
  private boolean paused;
  private @Nullable Candidate asked;
  private @Nullable Candidate provider;

  /** Candidates up to there have been looked at. */
  private long position;

  /** Those that match and are next to be asked; null if the group is still to be found. */
  private @Nullable Deque<Candidate> group;

  /** The part of the next group that has been found. */
  private List<Candidate> found = NOBODY;

  /** Who has accepted while somebody else was being asked. */
  private List<Candidate> willing = NOBODY;

  /** Who does not want to provide the name, and is not to be asked again at once. */
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
    dismissWilling();
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
    forget(candidate);
    if (subscribed && provider == null) {
      remember(candidate);
    } else {
      notNeeded(candidate);
    }
  }

  /** False if the candidate was not asked. */
  boolean rejected(Candidate candidate) {
    if (candidate == provider) {
      resigned = candidate;
    }
    return withdrawn(candidate);
  }

  /**
   * The candidate has nothing to do with the name any more.
   *
   * @return whether it was asked, or the provider
   */
  boolean withdrawn(Candidate candidate) {
    if (candidate == asked) {
      endAsking(candidate);
      return true;
    }
    if (candidate == provider) {
      endProviding(candidate);
      return true;
    }
    forget(candidate);
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

  /** As {@link #startAgain}, but for who is being asked: the answer counts. */
  void startAgainWithOthers() {
    startAgain();
    resigned = asked;
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
      if (!willing.isEmpty()) {
        Candidate next = willing.get(0);
        forget(next);
        provide(next);
        return false;
      }
      if (paused) {
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

  /** Nobody is asked until {@link #resume}. */
  void pause() {
    paused = true;
  }

  void resume() {
    paused = false;
  }

  // --- what is the case

  boolean isSubscribed() {
    return subscribed;
  }

  boolean isPaused() {
    return paused;
  }

  boolean isProvided() {
    return provider != null;
  }

  boolean isAsked(Candidate candidate) {
    return asked == candidate;
  }

  boolean isProvider(Candidate candidate) {
    return provider == candidate;
  }

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
    if (!willing.isEmpty()) {
      willing = willing.stream().filter(Candidate::isListening).toList();
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
    dismissWilling();
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

  // --- those who have accepted late

  private void remember(Candidate candidate) {
    List<Candidate> all = new ArrayList<>(willing);
    all.add(candidate);
    if (all.size() > MAX_WILLING) {
      notNeeded(all.remove(0));
    }
    willing = all;
  }

  private void forget(Candidate candidate) {
    if (willing.contains(candidate)) {
      willing = willing.stream().filter(each -> each != candidate).toList();
    }
  }

  private void dismissWilling() {
    List<Candidate> all = willing;
    willing = NOBODY;
    all.forEach(this::notNeeded);
  }
}

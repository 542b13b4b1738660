package io.millrace.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One name in the hands of a test: no loops, no clock, no sockets. */
final class NameSearchTest {
  private static final String NAME = "a/1";

  private final List<String> said = new ArrayList<>();
  private final Map<String, FakeListener> listeners = new HashMap<>();
  private CandidateList candidates = new CandidateList(null);
  private final NameSearch search =
      new NameSearch(
          NAME,
          new NameSearch.Effects() {
            @Override
            public void provided(boolean hasProvider) {
              said.add(hasProvider ? "provided" : "unprovided");
            }

            @Override
            public void startTimer() {
              said.add("timer");
            }

            @Override
            public void stopTimer() {
              said.add("stop");
            }
          });

  private final class FakeListener implements PatternListener {
    private final String id;

    FakeListener(String id) {
      this.id = id;
    }

    @Override
    public void found(String name) {
      said.add(id + " found");
    }

    @Override
    public void removed(String name) {
      said.add(id + " removed");
    }

    @Override
    public void timedOut(String name) {
      said.add(id + " timed out");
    }
  }

  @Test
  void candidatesAreAskedOneByOneInTheirOrder() {
    listen("p", "a/.*");
    listen("q", "b/.*");
    listen("r", "/1$");
    search.subscribed();
    assertThat(proceed()).containsExactly("p found", "timer");
    search.rejected(of("p"));
    assertThat(proceed()).containsExactly("stop", "r found", "timer");
    search.rejected(of("r"));
    assertThat(proceed()).containsExactly("stop");
    assertThat(search.isSearching()).isTrue();
  }

  @Test
  void whoAcceptsIsTheOnlyProviderAndIsRemovedWithTheLastSubscriber() {
    listen("p", "a/.*");
    listen("q", "a/.*");
    search.subscribed();
    proceed();
    search.accepted(of("p"));
    assertThat(proceed()).containsExactly("stop", "provided");
    assertThat(of("p").engagements()).containsExactly(NAME);
    search.accepted(of("p"));
    assertThat(proceed()).isEmpty();
    search.accepted(of("q"));
    assertThat(proceed()).containsExactly("q removed");
    search.unsubscribed();
    assertThat(proceed()).containsExactly("p removed");
    assertThat(search.isOver()).isTrue();
    assertThat(of("p").engagements()).isEmpty();
  }

  @Test
  void whoWasAskedByAnotherIsTakenOnlyIfNobodyElseAccepts() {
    listen("p", "a/.*");
    listen("other", "a/.*");
    search.subscribed();
    proceed();
    search.accepted(of("other"));
    assertThat(search.rejected(of("other"))).isFalse();
    assertThat(proceed()).isEmpty();
    search.accepted(of("other"));
    search.accepted(of("p"));
    assertThat(proceed()).containsExactly("stop", "other removed", "provided");
  }

  @Test
  void nobodyIsAskedInAPauseButWhoProvidesIsTaken() {
    listen("p", "a/.*");
    listen("q", "a/.*");
    search.pause();
    search.subscribed();
    assertThat(proceed()).isEmpty();
    search.accepted(of("q"));
    assertThat(proceed()).containsExactly("provided");
    search.withdrawn(of("q"));
    assertThat(proceed()).containsExactly("unprovided");
    search.resume();
    assertThat(proceed()).containsExactly("p found", "timer");
  }

  @Test
  void whoDoesNotAnswerIsToldAndTheNextIsAsked() {
    listen("p", "a/.*");
    listen("q", "a/.*");
    search.subscribed();
    proceed();
    search.noAnswer();
    assertThat(proceed()).containsExactly("stop", "p timed out", "q found", "timer");
  }

  @Test
  void aLateYesIsTakenWhenNobodyElseCan() {
    listen("p", "a/.*");
    listen("q", "a/.*");
    search.subscribed();
    proceed();
    search.noAnswer();
    proceed();
    search.accepted(of("p"));
    assertThat(proceed()).isEmpty();
    search.rejected(of("q"));
    assertThat(proceed()).containsExactly("stop", "provided");
    search.unsubscribed();
    assertThat(proceed()).containsExactly("p removed");
  }

  @Test
  void aLateYesIsTakenWhenEverybodyWasAsked() {
    listen("p", "a/.*");
    search.subscribed();
    proceed();
    search.noAnswer();
    proceed();
    search.accepted(of("p"));
    assertThat(proceed()).containsExactly("provided");
  }

  @Test
  void aLateYesIsNotNeededWhenSomebodyElseWasFaster() {
    listen("p", "a/.*");
    listen("q", "a/.*");
    listen("r", "a/.*");
    search.subscribed();
    proceed();
    search.noAnswer();
    proceed();
    search.noAnswer();
    proceed();
    search.accepted(of("p"));
    search.accepted(of("r"));
    assertThat(proceed()).containsExactly("stop", "p removed", "provided");
    search.accepted(of("q"));
    assertThat(proceed()).containsExactly("q removed");
  }

  @Test
  void whoRefusedAndAcceptsAfterAllIsToldOrTaken() {
    listen("p", "a/.*");
    listen("q", "a/.*");
    search.subscribed();
    proceed();
    search.rejected(of("p"));
    proceed();
    search.rejected(of("q"));
    proceed();
    search.accepted(of("p"));
    assertThat(proceed()).containsExactly("provided");
    search.accepted(of("q"));
    assertThat(proceed()).containsExactly("q removed");
  }

  @Test
  void aProviderThatRefusesIsFollowedByAnother() {
    listen("p", "a/.*");
    listen("q", "a/.*");
    search.subscribed();
    proceed();
    search.accepted(of("p"));
    proceed();
    search.rejected(of("p"));
    assertThat(proceed()).containsExactly("unprovided", "q found", "timer");
    search.rejected(of("q"));
    assertThat(proceed()).containsExactly("stop");
    search.startAgain();
    assertThat(proceed()).containsExactly("p found", "timer");
  }

  @Test
  void aLateYesIsRemovedWhenTheLastSubscriberLeaves() {
    listen("p", "a/.*");
    listen("q", "a/.*");
    search.subscribed();
    proceed();
    search.noAnswer();
    proceed();
    search.accepted(of("p"));
    search.unsubscribed();
    assertThat(proceed()).containsExactly("p removed");
  }

  @Test
  void whoIsAskedWhenTheLastSubscriberLeavesNeverProvides() {
    listen("p", "a/.*");
    search.subscribed();
    proceed();
    search.unsubscribed();
    assertThat(proceed()).isEmpty();
    assertThat(search.isOver()).isFalse();
    search.accepted(of("p"));
    assertThat(proceed()).containsExactly("stop", "p removed");
    assertThat(search.isOver()).isTrue();
  }

  @Test
  void whoIsAskedInVainAndIsSilentIsTold() {
    listen("p", "a/.*");
    search.subscribed();
    proceed();
    search.unsubscribed();
    search.noAnswer();
    assertThat(proceed()).containsExactly("stop", "p removed");
    assertThat(search.isOver()).isTrue();
  }

  @Test
  void anOpenQuestionStandsForANewSubscriber() {
    listen("p", "a/.*");
    search.subscribed();
    proceed();
    search.unsubscribed();
    search.subscribed();
    assertThat(proceed()).isEmpty();
    search.accepted(of("p"));
    assertThat(proceed()).containsExactly("stop", "provided");
  }

  @Test
  void aProviderThatLeavesIsFollowedByAnother() {
    listen("p", "a/.*");
    listen("q", "a/.*");
    search.subscribed();
    proceed();
    search.rejected(of("p"));
    proceed();
    search.accepted(of("q"));
    proceed();
    leave("q");
    assertThat(proceed()).containsExactly("unprovided", "p found", "timer");
  }

  @Test
  void whoLeavesWhileAskedIsFollowedByTheNext() {
    listen("p", "a/.*");
    listen("q", "a/.*");
    listen("r", "a/.*");
    search.subscribed();
    proceed();
    leave("p");
    leave("q");
    assertThat(proceed()).containsExactly("stop", "r found", "timer");
  }

  @Test
  void whoComesLaterIsAskedAfterTheOthers() {
    listen("p", "a/.*");
    search.subscribed();
    proceed();
    listen("q", "a/.*");
    assertThat(proceed()).isEmpty();
    search.rejected(of("p"));
    assertThat(proceed()).containsExactly("stop", "q found", "timer");
    search.rejected(of("q"));
    proceed();
    listen("r", "a/.*");
    assertThat(search.isBehind(candidates)).isTrue();
    assertThat(proceed()).containsExactly("r found", "timer");
  }

  @Test
  void aSmallBudgetLeadsToTheSameInSeveralSteps() {
    for (int i = 0; i < 50; i++) {
      listen("no" + i, "[b]/" + i);
    }
    listen("p", "a/[1]");
    search.subscribed();
    int steps = 1;
    while (search.proceed(candidates, new WorkBudget(40))) {
      assertThat(said).isEmpty();
      steps++;
    }
    assertThat(said).containsExactly("p found", "timer");
    assertThat(steps).isGreaterThan(5);
  }

  @Test
  void shuffledCandidatesAreAllAskedOnceInDifferentOrders() {
    List<List<String>> orders = new ArrayList<>();
    for (int seed = 0; seed < 3; seed++) {
      candidates = new CandidateList(new Random(seed));
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 150; i++) {
        ids.add("p" + i);
        listen("p" + i, "a/.*");
      }
      search.subscribed();
      List<String> order = new ArrayList<>();
      for (String asked = firstAsked(); asked != null; asked = firstAsked()) {
        order.add(asked);
        search.rejected(of(asked));
      }
      assertThat(order).containsExactlyInAnyOrderElementsOf(ids);
      orders.add(order);
      search.unsubscribed();
    }
    assertThat(orders.get(0)).isNotEqualTo(orders.get(1)).isNotEqualTo(orders.get(2));
  }

  private @Nullable String firstAsked() {
    for (String each : proceed()) {
      if (each.endsWith(" found")) {
        return each.substring(0, each.indexOf(' '));
      }
    }
    return null;
  }

  private void listen(String id, String pattern) {
    FakeListener listener = new FakeListener(id);
    listeners.put(id, listener);
    candidates.add(ListenPattern.compile(pattern).orElseThrow(), listener);
  }

  private void leave(String id) {
    candidates.remove(List.of(Objects.requireNonNull(listeners.get(id))));
  }

  private Candidate of(String id) {
    FakeListener listener = Objects.requireNonNull(listeners.get(id));
    return Objects.requireNonNull(candidates.get(listener));
  }

  /** Goes on, and answers what was said since this was last asked. */
  private List<String> proceed() {
    assertThat(search.proceed(candidates, new WorkBudget(Long.MAX_VALUE))).isFalse();
    List<String> all = List.copyOf(said);
    said.clear();
    return all;
  }
}

package io.millrace.server.permission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Which records a rule has loaded, and in how many rounds (protocol §8.1). */
final class RuleLoadingTest {
  private final RuleRig rig =
      new RuleRig()
          .record("r/1", "{\"ref\": \"b\", \"n\": 1, \"list\": [1, 2]}")
          .record("a", "{\"next\": \"b\", \"v\": 1}")
          .record("b", "{\"next\": \"c\", \"v\": 2}")
          .record("c", "{\"next\": \"d\", \"v\": 3}")
          .record("d", "{\"v\": 4}");

  @Test
  void aRuleThatNeedsNothingLoadsNothing() {
    assertThat(rig.grants("user.id === 'open'")).isTrue();
    assertThat(rig.rounds).isEmpty();
  }

  @Test
  void oldDataIsLoadedOnce() {
    assertThat(rig.grants("oldData.n === 1 && oldData.ref === 'b'")).isTrue();
    assertThat(rig.rounds).containsExactly(List.of("r/1"));
  }

  @Test
  void referencesOfOneLevelAreLoadedTogetherWithOldData() {
    assertThat(rig.grants("_('a').v + _('b').v + _('c').v + oldData.n === 7")).isTrue();
    assertThat(rig.rounds).containsExactly(List.of("a", "b", "c", "r/1"));
  }

  @Test
  void aReferenceThroughOldDataTakesAnotherRound() {
    assertThat(rig.grants("_(oldData.ref).v === 2")).isTrue();
    assertThat(rig.rounds).containsExactly(List.of("r/1"), List.of("b"));
  }

  @Test
  void twoLevelsOfReferencesWork() {
    assertThat(rig.grants("_(_('a').next).v === 2")).isTrue();
    assertThat(rig.rounds).containsExactly(List.of("a"), List.of("b"));
  }

  @Test
  void threeLevelsNeedAFourthRunAndFail() {
    assertThat(rig.fails("_(_(_('a').next).next).v === 3")).isTrue();
    assertThat(rig.rounds).containsExactly(List.of("a"), List.of("b"));
  }

  @Test
  void theSameRecordIsLoadedOnce() {
    assertThat(rig.grants("_('a').v === 1 && _('a').next === 'b' && _('r/1').n === oldData.n"))
        .isTrue();
    assertThat(rig.rounds).containsExactly(List.of("a", "r/1"));
  }

  @Test
  void aConditionOnWhatIsNotLoadedDoesNotDecide() {
    assertThat(rig.denies("_('a').v !== 1 ? _('b').v === 2 : false")).isTrue();
    assertThat(rig.grants("_('a') && !_('nowhere')")).isTrue();
    assertThat(rig.grants("!_('a') ? false : _('a').next.toUpperCase() === 'B'")).isTrue();
    assertThat(rig.grants("_('a') === undefined ? false : true")).isTrue();
    assertThat(rig.grants("_('a') == null ? false : _('a').v + 1 > 1")).isTrue();
  }

  @Test
  void aNamePutTogetherFromWhatIsNotLoadedIsNotAskedFor() {
    assertThat(rig.grants("_('' + _('a').next).v === 2")).isTrue();
    assertThat(rig.rounds).containsExactly(List.of("a"), List.of("b"));
  }

  @Test
  void dataOfAPatchIsTheRecordAfterIt() {
    assertThat(rig.patch(false, "list[0]", "9").grants("data.list[0] === 9 && data.n === 1"))
        .isTrue();
    assertThat(rig.grants("data.list[0] === 9 && oldData.list[0] === 1")).isTrue();
    assertThat(rig.patch(false, "ref", null).grants("!('ref' in data) && oldData.ref === 'b'"))
        .isTrue();
  }

  @Test
  void aPatchOfAMissingRecordFailsIfTheRuleUsesData() {
    rig.name("nowhere").patch(false, "x", "1");
    assertThat(rig.fails("data.x === 1")).isTrue();
    assertThat(rig.grants("oldData === null")).isTrue();
    assertThat(rig.patch(true, "x", "1").grants("data.x === 1 && oldData === null")).isTrue();
  }

  @Test
  void aPatchThatCannotBeAppliedFails() {
    assertThat(rig.patch(false, "list[999999]", "1").fails("data.n === 1")).isTrue();
  }

  @Test
  void aRuleThatDoesNotLookAtTheRecordDoesNotLoadIt() {
    assertThat(rig.patch(false, "x", "1").grants("_('a').v === 1")).isTrue();
    assertThat(rig.rounds).containsExactly(List.of("a"));
  }
}

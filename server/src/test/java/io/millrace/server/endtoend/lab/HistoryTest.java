package io.millrace.server.endtoend.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.endtoend.lab.History.Attempt;
import io.millrace.server.endtoend.lab.History.Final;
import io.millrace.server.endtoend.lab.History.Result;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Histories made by hand, good ones and one for each way to be bad. */
final class HistoryTest {
  private static final String R = "r";

  private long now;
  private final History history = new History(() -> now++);

  private Attempt write(String path, String value, Result result) {
    Attempt attempt = history.begin(R, path, value);
    history.end(attempt, result);
    return attempt;
  }

  private void endsWith(int version, Map<String, String> data) {
    history.judge(Map.of("node-0", Map.of(R, new Final(version, data))));
  }

  @Test
  void whatIsThereAndWasSeenInOrderIsFine() {
    write("a", "1", Result.ACKED);
    write("b", "2", Result.ACKED);
    history.sawState("o", 0, R, 1, History.hash(Map.of("a", "1")));
    history.sawPatch("o", 0, R, 2, History.hash(Map.of("a", "1", "b", "2")), "2", false);
    endsWith(2, Map.of("a", "1", "b", "2"));
    assertThat(history.faults()).isEmpty();
  }

  @Test
  void anUnknownWriteMayBeThereOrNot() {
    write("a", "1", Result.UNKNOWN);
    write("b", "2", Result.UNKNOWN);
    endsWith(1, Map.of("a", "1"));
    assertThat(history.faults()).isEmpty();
  }

  @Test
  void aLostAcknowledgedWriteIsFound() {
    write("a", "1", Result.ACKED);
    endsWith(0, Map.of());
    assertThat(history.faults()).singleElement().asString().contains("lost: ACKED of r.a=1");
  }

  @Test
  void theAcknowledgedWritesOfAMissingRecordAreFound() {
    write("a", "1", Result.ACKED);
    history.judge(Map.of("node-0", Map.of()));
    assertThat(history.faults()).singleElement().asString().contains("lost");
  }

  @Test
  void aLaterWriteMayBeInItsPlace() {
    write("a", "1", Result.ACKED);
    write("a", "2", Result.ACKED);
    endsWith(2, Map.of("a", "2"));
    assertThat(history.faults()).isEmpty();
  }

  @Test
  void anEarlierWriteInItsPlaceIsFound() {
    write("a", "1", Result.ACKED);
    write("a", "2", Result.ACKED);
    endsWith(2, Map.of("a", "1"));
    assertThat(history.faults()).singleElement().asString().contains("lost: ACKED of r.a=2");
  }

  @Test
  void anUnknownWriteMayTakeEffectLate() {
    write("a", "1", Result.UNKNOWN);
    write("a", "2", Result.ACKED);
    endsWith(2, Map.of("a", "1"));
    assertThat(history.faults()).isEmpty();
  }

  @Test
  void anUnknownWriteThatWasSeenEarlierDoesNotReplaceALaterOne() {
    write("a", "1", Result.UNKNOWN);
    write("a", "2", Result.ACKED);
    history.sawState("o", 0, R, 0, 0);
    history.sawPatch("o", 0, R, 1, History.hash("a", "1"), "1", false);
    history.sawPatch("o", 0, R, 2, History.hash("a", "2"), "2", false);
    endsWith(3, Map.of("a", "1"));
    assertThat(history.faults()).anyMatch(fault -> fault.contains("lost: ACKED of r.a=2"));
  }

  @Test
  void aRefusedWriteThatIsThereIsFound() {
    write("a", "1", Result.REFUSED);
    endsWith(1, Map.of("a", "1"));
    assertThat(history.faults()).singleElement().asString().contains("refused, and there");
  }

  @Test
  void aValueOfNobodyIsFound() {
    endsWith(1, Map.of("a", "1"));
    assertThat(history.faults()).singleElement().asString().contains("nobody wrote a=1");
  }

  @Test
  void oneVersionWithTwoStatesIsFound() {
    history.sawState("o", 0, R, 1, 100);
    history.sawState("p", 0, R, 1, 200);
    assertThat(history.faults()).singleElement().asString().contains("another state of version 1");
  }

  @Test
  void theFinalStateCountsAsASightOfItsVersion() {
    write("a", "1", Result.ACKED);
    history.sawState("o", 0, R, 1, 100);
    endsWith(1, Map.of("a", "1"));
    assertThat(history.faults()).singleElement().asString().contains("another state of version 1");
  }

  @Test
  void aStateThatGoesBackIsFoundWithinOneSitting() {
    history.sawState("o", 0, R, 5, 100);
    history.sawState("o", 1, R, 4, 90);
    assertThat(history.faults()).isEmpty();
    history.sawState("o", 1, R, 3, 80);
    assertThat(history.faults()).singleElement().asString().contains("version 3 after 4");
  }

  @Test
  void aSilentHoleIsFound() {
    history.sawState("o", 0, R, 1, 100);
    history.sawState("o", 0, R, 10_001, 110);
    assertThat(history.faults()).as("a state may leave out versions").isEmpty();
    history.sawPatch("o", 0, R, 10_003, 120, "v", false);
    assertThat(history.faults()).singleElement().asString().contains("10003 after 10001");
  }

  @Test
  void aWriteThatTookEffectTwiceIsFound() {
    history.sawState("o", 0, R, 0, 0);
    history.sawPatch("o", 0, R, 1, 100, "v", false);
    history.sawPatch("o", 0, R, 2, 100, "v", false);
    assertThat(history.faults()).singleElement().asString().contains("version 1 and version 2");
  }

  @Test
  void aWriteThatWasOnlyInVersionsOfALostOwnerMayComeAgain() {
    write("a", "1", Result.ACKED);
    history.sawState("o", 0, R, 0, 0);
    history.sawPatch("o", 0, R, 1, History.hash("a", "1"), "1", false);
    history.sawState("o", 0, R, 100_000, 0);
    history.sawPatch("o", 0, R, 100_001, History.hash("a", "1"), "1", false);
    endsWith(100_001, Map.of("a", "1"));
    assertThat(history.faults()).isEmpty();
  }

  @Test
  void aWriteThatWasNotLostAndComesAgainIsFound() {
    write("a", "1", Result.ACKED);
    history.sawState("o", 0, R, 0, 0);
    history.sawPatch("o", 0, R, 1, History.hash("a", "1"), "1", false);
    history.sawState("o", 0, R, 100_001, History.hash("a", "1"));
    history.sawPatch("o", 0, R, 100_002, History.hash("a", "1"), "1", true);
    endsWith(100_002, Map.of("a", "1"));
    assertThat(history.faults()).singleElement().asString().contains("version 1 and");
  }

  @Test
  void twoWinnersOfOneVersionAreFound() {
    history.end(history.begin(R, "a", "1", 1), Result.ACKED);
    history.end(history.begin(R, "b", "2", 1), Result.ACKED);
    endsWith(2, Map.of("a", "1", "b", "2"));
    assertThat(history.faults()).singleElement().asString().contains("two writes were told");
  }

  @Test
  void aWriteThatMadeAnotherVersionThanItWasToldIsFound() {
    history.end(history.begin(R, "a", "1", 1), Result.ACKED);
    history.sawState("o", 0, R, 1, 0);
    history.sawPatch("o", 0, R, 2, History.hash("a", "1"), "1", false);
    endsWith(2, Map.of("a", "1"));
    assertThat(history.faults()).singleElement().asString().contains("made version 2");
  }

  @Test
  void aWriteThatOvertakesAnEarlierOneIsFound() {
    write("a", "1", Result.ACKED);
    write("b", "2", Result.ACKED);
    history.sawState("o", 0, R, 0, 0);
    history.sawPatch("o", 0, R, 1, History.hash("b", "2"), "2", false);
    history.sawPatch("o", 0, R, 2, History.hash(Map.of("a", "1", "b", "2")), "1", false);
    endsWith(2, Map.of("a", "1", "b", "2"));
    assertThat(history.faults()).singleElement().asString().contains("made version 1 after");
  }

  @Test
  void nodesThatDoNotAgreeAreFound() {
    write("a", "1", Result.ACKED);
    history.judge(
        Map.of(
            "node-0", Map.of(R, new Final(1, Map.of("a", "1"))),
            "node-1", Map.of(R, new Final(0, Map.of()))));
    assertThat(history.faults()).anyMatch(fault -> fault.contains("others have another state"));
  }

  @Test
  void hashesCanBeKeptUpToDatePathByPath() {
    assertThat(History.hash(Map.of("a", "1", "b", "2")) - History.hash("a", "1"))
        .isEqualTo(History.hash(Map.of("b", "2")));
  }
}

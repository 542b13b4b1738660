package io.millrace.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class CoordinatorsTest {
  private static final List<String> NAMES =
      IntStream.range(0, 3_000).mapToObj(i -> "seat/" + i).toList();

  private final Coordinators three = new Coordinators(List.of("a~1", "b~2", "c~3"));

  @Test
  void everyNodeCoordinatesItsShare() {
    Map<String, Integer> counts = new HashMap<>();
    NAMES.forEach(name -> counts.merge(three.of(name), 1, Integer::sum));
    assertThat(counts).hasSize(3);
    assertThat(counts.values()).allMatch(count -> count > 900 && count < 1_100);
  }

  @Test
  void whoIsAMemberDecidesAndNotInWhichOrderTheyAreNamed() {
    Coordinators same = new Coordinators(List.of("c~3", "a~1", "b~2"));
    assertThat(NAMES).allMatch(name -> same.of(name).equals(three.of(name)));
  }

  @Test
  void onlyNamesOfWhoLeavesChangeHands() {
    Coordinators two = new Coordinators(List.of("a~1", "c~3"));
    assertThat(NAMES)
        .allMatch(name -> three.of(name).equals("b~2") || two.of(name).equals(three.of(name)));
  }
}

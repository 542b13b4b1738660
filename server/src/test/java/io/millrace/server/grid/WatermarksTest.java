package io.millrace.server.grid;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

/** How far everything is stored, as far as one node has heard. */
final class WatermarksTest {
  private final Watermarks watermarks = new Watermarks();

  @Test
  void theLowestCountsWhoseverItIs() {
    watermarks.own(50);
    assertThat(watermarks.lowest(Set.of())).isEqualTo(50);
    watermarks.heard("b", 30);
    watermarks.heard("c", 70);
    assertThat(watermarks.lowest(Set.of("b", "c"))).isEqualTo(30);
    watermarks.own(20);
    assertThat(watermarks.lowest(Set.of("b", "c"))).isEqualTo(20);
  }

  @Test
  void aNodeThatWasNotHeardOfMayHaveStoredNothing() {
    watermarks.own(50);
    watermarks.heard("b", 30);
    assertThat(watermarks.know(Set.of("b", "c"))).isFalse();
    assertThat(watermarks.lowest(Set.of("b", "c"))).isEqualTo(Watermarks.NOTHING);
  }

  /** Who takes over from a node asks when that has just gone. */
  @Test
  void aNodeThatHasGoneStillCounts() {
    watermarks.own(50);
    watermarks.heard("b", 30);
    watermarks.lowest(Set.of("b"));
    assertThat(watermarks.lowest(Set.of())).isEqualTo(30);
  }

  @Test
  void mayFallWhenANodeTakesOverWhatAnotherHadNotStored() {
    watermarks.own(50);
    watermarks.heard("b", 40);
    watermarks.heard("b", 10);
    assertThat(watermarks.lowest(Set.of("b"))).isEqualTo(10);
  }
}

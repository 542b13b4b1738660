package io.millrace.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the patterns mean, and which are refused, is seen in {@code JavaScriptRegexTest}. */
final class ListenPatternTest {

  @Test
  void aPatternIsSearchedForInTheName() {
    ListenPattern pattern = ListenPattern.compile("a/.+").orElseThrow();
    assertThat(pattern.matches("xa/1")).isTrue();
    assertThat(pattern.matches("xa/")).isFalse();
    assertThat(pattern.source()).isEqualTo("a/.+");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"(", "(?=a)b", "(a)\\1", "a{501}", "(?:a?){300}a{300}", "(a{1000}){1000}"})
  void whatIsNotServedIsRefused(String source) {
    assertThat(ListenPattern.compile(source)).isEmpty();
  }

  @Test
  void theLongestNameCostsNoMoreThanTheLargestProgramForEachCharacter() {
    ListenPattern largest = ListenPattern.compile("(a?){100}(b?){100}a{100}").orElseThrow();
    assertThat(largest.cost("a".repeat(1024)))
        .isBetween(400 * 1024L, ListenPattern.MAX_SIZE * 1030L);
  }
}

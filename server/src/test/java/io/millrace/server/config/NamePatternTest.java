package io.millrace.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NamePatternTest {

  @ParameterizedTest
  @CsvSource({
    "*,          anything, true",
    "venue/*,    venue/a,  true",
    "venue/*,    venue/,   true",
    "venue/*,    venue,    false",
    "venue/a,    venue/a,  true",
    "venue/a,    venue/ab, false",
    "*/seats,    a/seats,  true",
    "a*b*c,      a-b-c,    true",
    "a*b*c,      abc,      true",
    "a*b*c,      ac,       false",
    "ab*ba,      aba,      false",
    "a*bc*c,     abc,      false",
    "a**b,       ab,       true",
  })
  void aStarStandsForAnyCharacters(String pattern, String name, boolean matches) {
    assertThat(new NamePattern(pattern).matches(name)).isEqualTo(matches);
  }
}

package io.millrace.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Patterns mean what they mean in JavaScript; the expected values are those of Node.js. */
final class ListenPatternTest {
  private static final String LONGEST_NAME = "a".repeat(1023) + "!";

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          a/.*            ~ a/1          ~ true
          a/.*            ~ xa/1         ~ true
          a/.*            ~ b/1          ~ false
          ^a/.*           ~ xa/1         ~ false
          ^a/.*           ~ a/1          ~ true
          a/.+            ~ a/           ~ false
          a/\\d$          ~ a/12         ~ false
          ^a/[0-9]+$      ~ a/12         ~ true
          ^a|b$           ~ xb           ~ true
          ^a|b$           ~ bx           ~ false
          a\\/b           ~ a/b          ~ true
          [[]             ~ [            ~ true
          [[a]            ~ a            ~ true
          ^[a]$           ~ [            ~ false
          []              ~ a            ~ false
          a[^]            ~ a            ~ false
          ^[^]$           ~ a            ~ true
          ^[a\\-c]$       ~ b            ~ false
          ^[a\\-c]$       ~ -            ~ true
          ^[a-c-]$        ~ -            ~ true
          ^[\\w-.]+$      ~ a-.          ~ true
          ^[^\\D]$        ~ 5            ~ true
          ^\\d$           ~ ٣            ~ false
          ^\\w$           ~ é            ~ false
          ^\\W$           ~ é            ~ true
          ^\\x61\\u0062$  ~ ab           ~ true
          ^\\x6$          ~ x6           ~ true
          ^\\u{2}$        ~ uu           ~ true
          ^\\p{2}$        ~ pp           ~ true
          ^\\-$           ~ -            ~ true
          ^(?<kind>a|b)$  ~ b            ~ true
          ^(?:ab){2}$     ~ abab         ~ true
          ^a{2,}$         ~ a            ~ false
          ^a{,2}$         ~ a{,2}        ~ true
          ^a{$            ~ a{           ~ true
          ^]}$            ~ ]}           ~ true
          ^a{0}b*?$       ~ bb           ~ true
          ^ab{2}c         ~ abbc         ~ true
          ab?c            ~ ac           ~ true
          ab*             ~ a            ~ true
          a{0}bc          ~ bc           ~ true
          \\bab\\b        ~ x-ab-x       ~ true
          \\bab\\B        ~ ab           ~ false
          ^\\k$           ~ k            ~ true
          ^\\101$         ~ A            ~ true
          ^\\8$           ~ 8            ~ true
          😀              ~ x😀          ~ true
          ^\\ud83d\\ude00 ~ 😀           ~ true
          (?i)            ~ -            ~ refused
          """)
  void aPatternMatchesWhatItMatchesInJavaScript(String pattern, String name, String expected) {
    String found =
        ListenPattern.compile(pattern)
            .map(compiled -> String.valueOf(compiled.matches(name)))
            .orElse("refused");
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void whiteSpaceAndLineEndsAreThoseOfJavaScript() {
    assertThat(List.of("\u00a0", "\u2028", "\ufeff", "\u000b", "\u3000"))
        .allMatch(name -> matches("^\\s$", name));
    assertThat(List.of("\n", "\r", "\u2028", "\u2029")).noneMatch(name -> matches("^.$", name));
    assertThat(matches("^.$", "\u0085")).isTrue();
    assertThat(matches("^a$", "a\n")).isFalse();
    assertThat(matches("^\\cA[\\b]\\0\\v$", "\u0001\b\u0000\u000b")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(",
        ")",
        "a)",
        "*",
        "+a",
        "a**",
        "a{2}{3}",
        "{1}",
        "^*",
        "\\b+",
        "[",
        "[b-a]",
        "\\",
        "a{2,1}",
        "(?<n>a)(?<n>b)",
        "(?<1>a)",
        "(?<>a)",
        "(?>a)",
        "(?i:a)",
        "(?#a)",
        "[a"
      })
  void whatIsNoRegularExpressionIsRefused(String source) {
    assertThat(ListenPattern.compile(source)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(?=a)b",
        "(?!a)b",
        "(?<=a)b",
        "(?<!a)b",
        "(a)\\1",
        "\\1(a)",
        "(?<n>a)\\k<n>",
        "(a+)+\\1"
      })
  void whatNeedsBacktrackingIsRefused(String source) {
    assertThat(ListenPattern.compile(source)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a{1000}){1000}",
        "((a{100}){100}){100}",
        "a{501}",
        "(?:a?){300}a{300}",
        "a{99999999999999999999}",
        "a{0,4294967297}",
        "((((((((((a*){9}){9}){9}){9}){9}){9}){9}){9}){9}){9}"
      })
  void whatWouldBeALargeProgramIsRefused(String source) {
    assertThat(ListenPattern.compile(source)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a+)+$",
        "^(a+)+$",
        "^(a|a)*$",
        "(a|aa)+$",
        "(.*a){20}$",
        "(a?){100}a{100}$",
        "^([a-z]+)*$",
        "^((((a*)*)*)*)*$",
        "^(([a-z])+.)+[A-Z]([a-z])+$",
        "(x+x+)+y",
        "(?:(?:a|b|ab)*)*c"
      })
  @Timeout(10)
  void aCatastrophicPatternIsLinear(String source) {
    ListenPattern pattern = ListenPattern.compile(source).orElseThrow();
    assertThat(pattern.matches(LONGEST_NAME)).isFalse();
    assertThat(pattern.cost(LONGEST_NAME)).isLessThan(JavaScriptRegex.MAX_SIZE * 1030);
  }

  @Test
  void aPatternIsNotNestedTooDeeply() {
    int most = JavaScriptRegex.MAX_DEPTH;
    assertThat(matches("(".repeat(most) + "a" + ")*".repeat(most), "xax")).isTrue();
    assertThat(ListenPattern.compile("(".repeat(most + 1) + "a" + ")".repeat(most + 1))).isEmpty();
    assertThat(ListenPattern.compile("(".repeat(1024))).isEmpty();
    assertThat(ListenPattern.compile("[".repeat(1024))).isEmpty();
    assertThat(ListenPattern.compile("(a|".repeat(341))).isEmpty();
  }

  @Test
  void theUsualPatternNeedsNoProgram() {
    assertThat(ListenPattern.compile("seat/.*").orElseThrow().cost("seat/1")).isLessThan(10);
    assertThat(ListenPattern.compile("^seat/").orElseThrow().cost("seat/1")).isLessThan(10);
    assertThat(ListenPattern.compile("^seat/.*$").orElseThrow().cost("seat/1")).isGreaterThan(10);
    assertThat(matches("^seat/.*$", "seat/1\n")).isFalse();
  }

  private static boolean matches(String source, String name) {
    return ListenPattern.compile(source).orElseThrow().matches(name);
  }
}

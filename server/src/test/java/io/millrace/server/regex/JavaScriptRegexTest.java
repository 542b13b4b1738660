package io.millrace.server.regex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.server.regex.RegexResult.Compiled;
import io.millrace.server.regex.RegexResult.Refused;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Expressions mean what they mean in JavaScript; the expected values are those of Node.js. */
final class JavaScriptRegexTest {
  private static final int MAX_SIZE = 500;
  private static final LongConsumer FREE = steps -> {};
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
  void anExpressionMatchesWhatItMatchesInJavaScript(String pattern, String name, String expected) {
    String search =
        switch (JavaScriptRegex.forSearching(pattern, MAX_SIZE)) {
          case Compiled(var regex) -> String.valueOf(regex.isIn(name));
          case Refused refused -> "refused";
        };
    String match =
        switch (JavaScriptRegex.forMatching(pattern, "", MAX_SIZE)) {
          case Compiled(var regex) -> String.valueOf(regex.match(name, FREE) != null);
          case Refused refused -> "refused";
        };
    assertThat(search).isEqualTo(expected);
    assertThat(match).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          (\\w+) (\\w+)       ~   ~ Hello World  ~ Hello World, Hello, World
          (a)|(b)           ~   ~ b            ~ b, null, b
          (?<n>a)(?:b)(c)   ~   ~ abc          ~ abc, a, c
          (a){0}(b)         ~   ~ ab           ~ b, null, b
          (b)|(a){0}        ~   ~ b            ~ b, b, null
          a((b)){0}         ~   ~ ab           ~ a, null, null
          (a{0})b           ~   ~ ab           ~ `b, `
          <.+>              ~   ~ <a><b>       ~ <a><b>
          <.+?>             ~   ~ <a><b>       ~ <a>
          a{1,3}?           ~   ~ aaa          ~ a
          (a??)(a*?)$       ~   ~ aa           ~ `aa, , aa`
          o                 ~ g ~ Hello World  ~ o, o
          (l)(.)            ~ g ~ Hello World  ~ ll, ld
          x*                ~ g ~ axb          ~ `, x, , `
          ^a                ~ g ~ aaa          ~ a
          xyz               ~   ~ Hello        ~ none
          xyz               ~ g ~ Hello        ~ none
          """)
  void aMatchIsThatOfStringMatch(
      String source, @Nullable String flags, String text, String expected) {
    List<@Nullable String> found =
        compiled(source, flags == null ? "" : flags.strip()).match(text, FREE);
    assertThat(found == null ? "none" : String.join(", ", found)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
"""
          h[a-e]llo       ~ i  ~ HELLO      ~ true
          h[^a-e]llo      ~ i  ~ HELLO      ~ false
          [^A-Z]          ~ i  ~ abc        ~ false
          \\W             ~ i  ~ sk         ~ false
          \\w             ~ i  ~ ſ          ~ false
          \\w             ~ iu ~ ſ          ~ true
          k               ~ i  ~ \u212a          ~ false
          k               ~ iu ~ \u212a          ~ true
          İ               ~ iu ~ i          ~ false
          ı               ~ iu ~ I          ~ false
          É               ~ i  ~ é          ~ true
          ß               ~ i  ~ ẞ          ~ false
          ß               ~ iu ~ ẞ          ~ true
          ς               ~ i  ~ Σ          ~ true
          abc             ~ i  ~ xABCx      ~ true
          ^b$             ~    ~ `a
b
c`  ~ false
          ^b$             ~ m  ~ `a
b
c`  ~ true
          ^b              ~ m  ~ `a
b
c`  ~ true
          a.b             ~    ~ `a
b`     ~ false
          a.b             ~ s  ~ `a
b`     ~ true
          ^\\u{61}$       ~ u  ~ a          ~ true
          ^\\ud83d\\ude00$ ~ u ~ 😀         ~ true
          ^[\\ud83d\\ude00]$ ~ u ~ 😀       ~ true
          ^[\\w\\-]+$     ~ u  ~ a-b        ~ true
""")
  void flagsMeanWhatTheyMeanInJavaScript(
      String source, @Nullable String flags, String text, boolean expected) {
    JavaScriptRegex regex = compiled(source, flags == null ? "" : flags.strip());
    assertThat(regex.match(text, FREE) != null).isEqualTo(expected);
    assertThat(regex.isIn(text)).isEqualTo(expected);
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
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          (            ~ a group is not closed
          (a           ~ a group is not closed
          )            ~ a group is closed that is not open
          a)           ~ a group is closed that is not open
          *            ~ there is nothing to repeat
          +a           ~ there is nothing to repeat
          a**          ~ there is nothing to repeat
          a{2}{3}      ~ there is nothing to repeat
          {1}          ~ there is nothing to repeat
          ^*           ~ there is nothing to repeat
          \\b+          ~ there is nothing to repeat
          [            ~ a class is not closed
          [a           ~ a class is not closed
          [b-a]        ~ the ends of a range are out of order
          \\            ~ it ends in a backslash
          a{2,1}       ~ the numbers of a repetition are out of order
          (?<n>a)(?<n>b) ~ two groups have the same name
          (?<n         ~ a group's name does not end
          (?<1>a)      ~ a group begins with what is not supported
          (?<>a)       ~ a group begins with what is not supported
          (?>a)        ~ a group begins with what is not supported
          (?i:a)       ~ a group begins with what is not supported
          (?#a)        ~ a group begins with what is not supported
          """)
  void whatIsNoRegularExpressionIsRefused(String source, String reason) {
    assertThat(refusal(source, "")).isEqualTo(reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          (?=a)b        ~ looking ahead or behind is not supported
          (?!a)b        ~ looking ahead or behind is not supported
          (?<=a)b       ~ looking ahead or behind is not supported
          (?<!a)b       ~ looking ahead or behind is not supported
          (a)\\1         ~ \\1 refers back to a group, which is not supported
          \\1(a)         ~ \\1 refers back to a group, which is not supported
          (?<n>a)\\k<n>  ~ \\k refers back to a group, which is not supported
          (a+)+\\1       ~ \\1 refers back to a group, which is not supported
          """)
  void whatNeedsBacktrackingIsRefused(String source, String reason) {
    assertThat(refusal(source, "")).isEqualTo(reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          a          ~ y  ~ the flag y is not supported
          a          ~ v  ~ the flag v is not supported
          a          ~ gg ~ the flag g is there twice
          \\p{L}      ~ u  ~ \\p is not supported
          a{         ~ u  ~ a bracket is not escaped
          ]          ~ u  ~ a bracket is not escaped
          \\8         ~ u  ~ \\8 means nothing
          [\\1]       ~ u  ~ \\1 means nothing
          \\-         ~ u  ~ \\- means nothing
          \\k         ~ u  ~ \\k means nothing
          \\c1        ~ u  ~ \\c has no letter
          \\x6        ~ u  ~ a character's code is not complete
          \\u{110000} ~ u  ~ a character's code is not complete
          \\u{}       ~ u  ~ a character's code is not complete
          \\u{61      ~ u  ~ a character's code is not complete
          [\\w-a]     ~ u  ~ a range ends in a set
          """)
  void whatFlagsForbidIsRefused(String source, String flags, String reason) {
    assertThat(refusal(source, flags)).isEqualTo(reason);
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
    assertThat(refusal(source, ""))
        .isEqualTo("it is too large when its repetitions are written out");
  }

  @Test
  void howLargeAProgramMayBeIsForTheCallerToSay() {
    assertThat(JavaScriptRegex.forSearching(".{1,250}", 499)).isInstanceOf(Compiled.class);
    assertThat(JavaScriptRegex.forSearching(".{1,250}", 498)).isInstanceOf(Refused.class);
    assertThat(JavaScriptRegex.forSearching("(a){500}", 500)).isInstanceOf(Compiled.class);
    assertThat(JavaScriptRegex.forMatching("(a){500}", "", 1499)).isInstanceOf(Refused.class);
    assertThat(JavaScriptRegex.forMatching("(a){500}", "", 1500)).isInstanceOf(Compiled.class);
    assertThat(JavaScriptRegex.forMatching("a{1001}", "", 5000)).isInstanceOf(Refused.class);
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
  @Timeout(60)
  void aCatastrophicExpressionIsLinear(String source) {
    JavaScriptRegex searching = searching(source);
    assertThat(searching.isIn(LONGEST_NAME)).isFalse();
    assertThat(searching.searchCost(LONGEST_NAME.length())).isLessThan(MAX_SIZE * 1030L);
    if (JavaScriptRegex.forMatching(source, "", 1_000) instanceof Compiled(var matching)) {
      assertThat(matching.match(LONGEST_NAME, FREE)).isNull();
    }
  }

  @Test
  void anExpressionIsNotNestedTooDeeply() {
    int most = Translator.MAX_DEPTH;
    assertThat(searching("(".repeat(most) + "a" + ")*".repeat(most)).isIn("xax")).isTrue();
    assertThat(refusal("(".repeat(most + 1) + "a" + ")".repeat(most + 1), ""))
        .isEqualTo("it is nested too deeply");
    assertThat(refusal("(".repeat(1024), "")).isEqualTo("it is nested too deeply");
    assertThat(refusal("(a|".repeat(341), "")).isEqualTo("it is nested too deeply");
    assertThat(refusal("[".repeat(1024), "")).isEqualTo("a class is not closed");
  }

  @Test
  void anExpressionIsNotLongerThanAName() {
    assertThat(searching("[" + "a".repeat(1022) + "]").isIn("a")).isTrue();
    assertThat(refusal("[" + "a".repeat(1023) + "]", ""))
        .isEqualTo("it is longer than 1024 characters");
  }

  @Test
  void manyOptionalRoundsMeanWhatFewMean() {
    JavaScriptRegex greedy = compiled("^[ab]{1,250}", "");
    assertThat(greedy.match("a".repeat(249) + "bb", FREE)).containsExactly("a".repeat(249) + "b");
    assertThat(greedy.isIn("-a")).isFalse();
    assertThat(compiled("a{0,240}?b", "").match("aab", FREE)).containsExactly("aab");
    assertThat(compiled("(a{2,220}?)", "").match("aaa", FREE)).containsExactly("aa", "aa");
    assertThat(compiled("^(?:ab){0,120}$", "").isIn("ab".repeat(120))).isTrue();
    assertThat(compiled("^(?:ab){0,120}$", "").isIn("ab".repeat(121))).isFalse();
    assertThat(compiled("(a){0,100}", "").match("aa", FREE)).containsExactly("aa", "a");
    assertThat(refusal("(a){0,101}", ""))
        .isEqualTo("a group that captures has more than 100 optional repetitions");
  }

  /** RE2/J nests optional repetitions in each other, and follows them by recursion. */
  @Test
  void theLargestRepetitionsDoNotOverflowASmallStack() throws InterruptedException {
    String text = "a".repeat(1000);
    var matched = new AtomicInteger();
    Thread small =
        new Thread(
            null,
            () -> {
              for (String source :
                  List.of("^.{1,1000}$", "^(?:(?:a{0,30}){0,30})$", "^.{0,1000}?$")) {
                if (compiled(JavaScriptRegex.forMatching(source, "", 2_500)).isIn(text)) {
                  matched.incrementAndGet();
                }
              }
            },
            "small stack",
            512 << 10);
    small.start();
    small.join();
    assertThat(matched).hasValue(2);
  }

  @Test
  void theUsualPatternNeedsNoProgram() {
    assertThat(searching("seat/.*").searchCost(6)).isLessThan(10);
    assertThat(searching("^seat/").searchCost(6)).isLessThan(10);
    assertThat(searching("^seat/.*$").searchCost(6)).isGreaterThan(10);
    assertThat(matches("^seat/.*$", "seat/1\n")).isFalse();
  }

  @Test
  void aTextThatMustBeLookedForEverywhereIsPaidFor() {
    assertThat(searching("a".repeat(499) + "b").searchCost(1024)).isGreaterThan(5_000);
    assertThat(searching("^" + "a".repeat(498) + "b").searchCost(1024)).isLessThan(10);
  }

  @Test
  void oneSearchIsPaidForOnceAndLooksBeyondItEach() {
    var steps = new AtomicLong();
    String text = "a".repeat(1_000);
    assertThat(compiled("a+", "g").match(text, steps::addAndGet)).hasSize(1);
    long linear = steps.getAndSet(0);
    assertThat(linear).isBetween(1_000L, 10_000L);
    assertThat(compiled("a(.*b)?", "g").match(text, steps::addAndGet)).hasSize(1_000);
    assertThat(steps.get()).isGreaterThan(100 * linear);
  }

  @Test
  void theMeterEndsTheMatching() {
    LongConsumer broke =
        steps -> {
          throw new IllegalStateException("too dear");
        };
    assertThatThrownBy(() -> compiled("a", "").match("a", broke)).hasMessage("too dear");
  }

  private static boolean matches(String source, String name) {
    return searching(source).isIn(name);
  }

  private static JavaScriptRegex searching(String source) {
    return compiled(JavaScriptRegex.forSearching(source, MAX_SIZE));
  }

  private static JavaScriptRegex compiled(String source, String flags) {
    return compiled(JavaScriptRegex.forMatching(source, flags, MAX_SIZE));
  }

  private static JavaScriptRegex compiled(RegexResult result) {
    return switch (result) {
      case Compiled(var regex) -> regex;
      case Refused(var reason) -> throw new AssertionError(reason);
    };
  }

  private static String refusal(String source, String flags) {
    return switch (JavaScriptRegex.forMatching(source, flags, MAX_SIZE)) {
      case Compiled compiled -> "none";
      case Refused(var reason) -> reason;
    };
  }
}

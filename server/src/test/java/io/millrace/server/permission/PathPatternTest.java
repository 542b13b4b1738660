package io.millrace.server.permission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which names a path of a permission file matches (protocol §8.1). */
final class PathPatternTest {

  @ParameterizedTest
  @CsvSource({
    "*,            '',             true",
    "*,            a/b,            true",
    "a,            a,              true",
    "a,            ab,             false",
    "a/*,          a/b/c,          true",
    "a/*,          a,              false",
    "a/*,          a/,             true",
    "*/b,          a/c/b,          true",
    "*/b,          b,              false",
    "a*c,          abbc,           true",
    "a*c,          abbcd,          false",
    "deny-this*,   deny-this-one,  true",
    "deny-this*,   deny-that,      false",
    "$x,           abc,            true",
    "$x,           a/b,            false",
    "$x,           '',             false",
    "a/$x/b,       a/c/b,          true",
    "a/$x/b,       a//b,           false",
    "a/$x/b,       a/c/d/b,        false",
    "a.c,          abc,            false",
    "a.c,          a.c,            true",
    "(a)+[b]{1}?|^,'(a)+[b]{1}?|^', true",
    "a\\d,         a1,             false",
    "A,            a,              false",
  })
  void matchesTheWholeName(String path, String name, boolean matches) {
    assertThat(PathPattern.of(path).match(name).isPresent()).isEqualTo(matches);
  }

  @Test
  void variablesTakeWhatStandsInTheirPlace() {
    assertThat(PathPattern.of("a/$x/$2/c").match("a/one/two/c"))
        .hasValue(Map.of("$x", "one", "$2", "two"));
    assertThat(PathPattern.of("$city").match("Paris")).hasValue(Map.of("$city", "Paris"));
    assertThat(PathPattern.of("*/$last").match("a/b/c")).hasValue(Map.of("$last", "c"));
    assertThat(PathPattern.of("$first_x").match("ab_x")).hasValue(Map.of("$first", "ab"));
  }

  @ParameterizedTest
  @CsvSource({
    "'',     is empty",
    "/a,     starts with /",
    "a/$,    without a name",
    "a/$/b,  without a name",
    "$-a,    without a name",
  })
  void aPathCanBeWrong(String path, String problem) {
    assertThat(PathPattern.problem(path)).contains(problem);
  }

  /** As the reference has it, which makes regular expressions of paths. */
  @Test
  void agreesWithRegularExpressions() {
    var random = new Random(7);
    for (int round = 0; round < 20_000; round++) {
      var path = new StringBuilder();
      var regex = new StringBuilder();
      int variables = 0;
      for (int part = random.nextInt(6); part >= 0; part--) {
        switch (random.nextInt(4)) {
          case 0 -> {
            path.append('*');
            regex.append(".*");
          }
          case 1 -> {
            path.append('$').append(variables++);
            regex.append("([^/]+)");
          }
          case 2 -> {
            path.append('/');
            regex.append('/');
          }
          default -> {
            char letter = "ab-".charAt(random.nextInt(3));
            // A letter after a variable would belong to its name.
            letter =
                !path.isEmpty() && Character.isDigit(path.charAt(path.length() - 1)) ? '-' : letter;
            path.append(letter);
            regex.append(letter);
          }
        }
      }
      var name = new StringBuilder();
      for (int length = random.nextInt(9); length > 0; length--) {
        name.append("ab-/".charAt(random.nextInt(4)));
      }
      if (PathPattern.problem(path.toString()) != null) {
        continue;
      }
      Matcher expected = Pattern.compile(regex.toString()).matcher(name);
      Optional<Map<String, String>> match = PathPattern.of(path.toString()).match(name.toString());
      assertThat(match.isPresent()).as("%s matches %s", path, name).isEqualTo(expected.matches());
      for (int i = 0; match.isPresent() && i < variables; i++) {
        assertThat(match.get())
            .as("%s in %s", path, name)
            .containsEntry("$" + i, expected.group(i + 1));
      }
    }
  }

  @Test
  void manyWildcardsTakeNoTime() {
    PathPattern path = PathPattern.of("*a".repeat(200) + "!");
    assertTimeoutPreemptively(
        Duration.ofSeconds(20), () -> assertThat(path.match("a".repeat(1024))).isEmpty());
  }
}

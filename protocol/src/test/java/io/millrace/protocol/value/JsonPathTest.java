package io.millrace.protocol.value;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.Limits;
import io.millrace.protocol.value.JsonPath.Index;
import io.millrace.protocol.value.JsonPath.Key;
import io.millrace.protocol.value.JsonPath.Step;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonPathTest {

  @Test
  void keysAndIndexesAreTheSteps() {
    assertThat(steps("a.b[2].c")).containsExactly(key("a"), key("b"), new Index(2), key("c"));
    assertThat(steps("a[0][1]")).containsExactly(key("a"), new Index(0), new Index(1));
    assertThat(steps("a.0")).containsExactly(key("a"), key("0"));
  }

  @Test
  void oddPathsMeanWhatTheyMeanToTheClient() {
    assertThat(steps(" a . b ")).containsExactly(key("a"), key("b"));
    assertThat(steps("a..b.")).containsExactly(key("a"), key("b"));
    assertThat(steps("\ufeffa\u2003")).containsExactly(key("a"));
    assertThat(steps("\u001fa")).containsExactly(key("\u001fa"));
    assertThat(steps("[0]")).containsExactly(key(""), new Index(0));
    assertThat(steps("a[1")).containsExactly(key("a"), new Index(1));
    assertThat(steps("a]1")).containsExactly(key("a"), new Index(1));
    assertThat(steps("a[]")).containsExactly(key("a"));
    assertThat(steps("a[ ]")).containsExactly(key("a"), new Index(0));
    assertThat(steps("a[0x1F][1e2][-3]"))
        .containsExactly(key("a"), new Index(31), new Index(100), new Index(-3));
    assertThat(steps("a[1.5]")).containsExactly(key("a"), new Index(1), key("5"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        " . ",
        "a[x]",
        "a[1]b",
        "a[1e-1]",
        "a[9999999999]",
        "a[1e999]",
        "a[Infinity]",
        "__proto__",
        "a.constructor",
        "prototype[0]",
        " __proto__ .a",
        "a[0x]",
        "a[-0x1]",
        "a[1d]",
      })
  void pathsThatMustNotBeUsedAreRefused(String text) {
    assertThat(JsonPath.parse(text)).isEmpty();
  }

  @Test
  void aPathHasALimitedNumberOfSteps() {
    assertThat(steps(".a".repeat(Limits.MAX_PATH_DEPTH))).hasSize(Limits.MAX_PATH_DEPTH);
    assertThat(JsonPath.parse(".a".repeat(Limits.MAX_PATH_DEPTH + 1))).isEmpty();
    assertThat(JsonPath.parse("a" + "[0]".repeat(Limits.MAX_PATH_DEPTH))).isEmpty();
  }

  private static List<Step> steps(String text) {
    return JsonPath.parse(text).orElseThrow().steps();
  }

  private static Key key(String name) {
    return new Key(name);
  }
}

package io.millrace.server.permission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.node.IntNode;
import io.millrace.protocol.value.JsonPath;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules and data that try to get out, or to keep the server busy. */
final class RuleAttackTest {
  /** Generous: what is not cut off here would not end at all. */
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private static final int MEBI = 1 << 20;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "while(true){}|not a single expression",
        "for(;;);|not a single expression",
        "true; while(true){}|not a single expression",
        "{ while(true){} }|not a single expression",
        "if (true) false|not a single expression",
        "function f() { return true }|not a single expression",
        "(function() { return true })()|calls",
        "(() => true)()|calls",
        "(() => true)|function",
        "[1].map(x => x)|calls map",
        "new Date()|new",
        "new Function('return this')|new",
        "x = 1|assignment",
        "data.x = true|assignment",
        "data.x += 1|assignment",
        "data.x++|++",
        "--data.x|++",
        "delete data.x|not allowed",
        "(1, true)|not allowed",
        "data instanceof Object|not allowed",
        "this|this",
        "this.data|this",
        "({a: 1}).a|object literal",
        "eval('1')|calls eval",
        "Function('return this')()|calls",
        "java.lang.System|java",
        "java.lang.System.exit(0)|calls exit",
        "Packages|Packages",
        "Packages.java.lang.Runtime|Packages",
        "typeof Packages|Packages",
        "getClass|getClass",
        "getClass('java.lang.String')|calls getClass",
        "user.getClass()|calls getClass",
        "'x'.getClass()|calls getClass",
        "globalThis|globalThis",
        "constructor.constructor('return this')()|calls",
        "''.constructor|constructor",
        "''.constructor.constructor('return this')()|calls",
        "''['constructor']|constructor",
        "''[\"constructor\"]|constructor",
        "''['constr' + 'uctor']|constructor",
        "''[('constr' + ('uctor'))]|constructor",
        "''['\\u0063onstructor']|constructor",
        "''.\\u0063onstructor|constructor",
        "''?.constructor|constructor",
        "data.__proto__|__proto__",
        "data['__proto__'].x|__proto__",
        "data?.['__proto__']|__proto__",
        "data.__parent__|__parent__",
        "data[`prototype`]|prototype",
        "_.constructor|constructor",
        "_['constructor']|constructor",
        "_.call(null, 'x')|calls call",
        "data['startsWith']('x')|calls",
        "data.x.replace('a', 'b')|calls replace",
        "'x'.repeat(1000000000)|calls repeat",
        "startsWith('x')|calls startsWith",
        "Math.max(1, 2)|calls max",
        "data.match`x`|not allowed",
        "[...data]|not allowed",
        "[x for (x in data)]|not",
        "<a/>|not a JavaScript expression",
        "yield 1|not",
        "async () => 1|not",
        "super.x|not",
        "import('x')|not",
        "debugger|not",
        "return true|not",
        "throw 1|not a single expression",
        "'open|not a JavaScript expression",
        "data.|not a JavaScript expression",
        "true)|not",
        "a b|not",
        "__regex0|not available",
      })
  void isRefusedWhenTheFileIsRead(String rule, String problem) {
    new RuleRig().refuses(rule, problem);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\n", "// nothing", ";"})
  void anEmptyRuleIsRefused(String rule) {
    new RuleRig().refuses(rule, rule.equals(";") ? "not a single expression" : "is empty");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "''[data.c]",
        "(5)[data.c]",
        "true[data.c]",
        "[][data.c]",
        "[][data.p]",
        "data[data.c]",
        "data[data.p]",
        "data.inner[data.c]",
        "data.list[data.c]",
        "data.list[data.p]",
        "user[data.c]",
        "user[data.p]",
        "/x/[data.c]",
        "''.match[data.c]",
        "''.trim[data.p]",
        "''[data.v]",
        "[][data.t]",
        "[].indexOf[data.c]",
        "data[data.g]",
        "user[data.g]",
        "user[data.w]",
      })
  void aComputedNameLeadsNowhere(String expression) {
    RuleRig rig =
        new RuleRig()
            .user("u", "{}")
            .data(
                """
                {"c": "constructor", "p": "__proto__", "v": "valueOf", "t": "toString",
                 "g": "getClass", "w": "wait", "list": [], "inner": {"constructor": "mine"},
                 "constructor": "mine", "__proto__": {"x": 1}, "prototype": 1}
                """);
    assertThat(rig.grants(expression + " === undefined")).as(expression).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "''[data.c][data.c]",
        "data[[data.c]]",
        "data[[[data.c]]]",
        "+[''.match]",
        "_('x')[data.c][data.c]",
      })
  void whatCannotBeANameFails(String expression) {
    RuleRig rig =
        new RuleRig().record("x", "{\"constructor\": {}}").data("{\"c\": \"constructor\"}");
    assertThat(rig.judge(expression)).isInstanceOf(RuleOutcome.Failed.class);
  }

  @Test
  void namesOfJavaAndJavaScriptLeadNowhere() {
    for (String name : new String[] {"Object", "String", "Math", "JSON", "toString", "escape"}) {
      assertThat(new RuleRig().fails(name)).as(name).isTrue();
      assertThat(new RuleRig().grants("typeof " + name + " === 'undefined'")).as(name).isTrue();
    }
  }

  @Test
  void textBlownUpIsCutOff() {
    RuleRig rig = new RuleRig().data("{\"s\": \"" + "x".repeat(MEBI) + "\"}");
    assertTimeoutPreemptively(
        DEADLINE,
        () -> {
          assertThat(rig.fails("('' + " + "data.s + ".repeat(400) + "'').length > 0")).isTrue();
          assertThat(rig.fails("data.s" + ".toUpperCase().toLowerCase()".repeat(100))).isTrue();
          assertThat(rig.fails("`" + "${data.s}".repeat(500) + "` === ''")).isTrue();
          assertThat(rig.grants("(data.s + data.s).length === " + 2 * MEBI)).isTrue();
        });
  }

  /** Java itself copies all of the text for each letter that becomes two. */
  @Test
  void lettersThatBecomeTwoTakeNoQuadraticTime() {
    RuleRig rig = new RuleRig().data("\"" + "\u00df".repeat(MEBI / 2) + "\"");
    assertTimeoutPreemptively(
        DEADLINE,
        () -> {
          assertThat(rig.grants("data.toUpperCase().length === " + MEBI)).isTrue();
          assertThat(rig.fails("data.toUpperCase().toLowerCase() === ''")).isTrue();
        });
  }

  @Test
  void searchesThatWouldTakeQuadraticTimeAreCutOff() {
    String a = "a".repeat(MEBI / 2);
    RuleRig rig = new RuleRig().data("{\"s\": \"" + a + a + "\", \"t\": \"" + a + "b\"}");
    RuleRig small = new RuleRig().data("{\"s\": \"" + a + "\"}");
    assertTimeoutPreemptively(
        DEADLINE,
        () -> {
          assertThat(rig.fails("data.s.indexOf(data.t) > 0")).isTrue();
          assertThat(rig.fails("data.s.includes(data.t)")).isTrue();
          assertThat(rig.fails("data.s.includes(data.t.trim())")).isTrue();
          assertThat(small.grants("data.s.includes('aaab') === false")).isTrue();
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data.s.match(/^(a+)+$/)",
        "data.s.match('^(a+)+$')",
        "data.s.match(data.p)",
        "data.s.match(/^(a|a)*$/)",
        "data.s.match(/^(.*)*x$/)",
        "data.s.match(/(a?){50}a{50}b/)",
        "(data.s + '!').match('^(([a-z])+.)+[A-Z]([a-z])+$')",
      })
  void catastrophicRegularExpressionsAreLinearOrCutOff(String rule) {
    RuleRig small = new RuleRig().data("{\"s\": \"" + "a".repeat(60) + "!\", \"p\": \"^(a+)+$\"}");
    RuleRig large =
        new RuleRig().data("{\"s\": \"" + "a".repeat(MEBI) + "!\", \"p\": \"^(a+)+$\"}");
    assertTimeoutPreemptively(DEADLINE, () -> assertThat(small.denies(rule)).isTrue());
    assertTimeoutPreemptively(DEADLINE, () -> assertThat(large.fails(rule)).isTrue());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data.s.match(/a(.*b)?/g) === null",
        "data.s.match(/a*?(.*b)?/g) === null",
        "data.s.match(/(?:a?){200}a{200}b/) === null",
      })
  void manyMatchesInOneTextAreCutOff(String rule) {
    RuleRig rig = new RuleRig().data("{\"s\": \"" + "a".repeat(100_000) + "\"}");
    assertTimeoutPreemptively(DEADLINE, () -> assertThat(rig.fails(rule)).isTrue());
  }

  @Test
  void manyMatchesInALongTextAreFound() {
    RuleRig rig = new RuleRig().data("{\"s\": \"" + "ab,".repeat(5_000) + "\"}");
    assertThat(rig.grants("data.s.match(/[a-z]+/g).length === 5000")).isTrue();
    assertThat(rig.grants("data.s.match(/b,/g).indexOf('b,') === 0")).isTrue();
  }

  /** With auth type none, the id is whatever the login says, and as long. */
  @Test
  void aLongIdBlownUpIsCutOff() {
    RuleRig rig = new RuleRig().user("u".repeat(MEBI), null);
    assertThat(rig.fails("('' + " + "user.id + ".repeat(100) + "'').length > 0")).isTrue();
    assertThat(rig.grants("(user.id + user.id).length === " + 2 * MEBI)).isTrue();
  }

  /** 40,000 short paths of one message would fill a gigabyte with nulls. */
  @Test
  void aPatchThatBlowsUpTheRecordIsCutOff() {
    List<RuleData.Change> changes = new ArrayList<>();
    for (int i = 0; i < 40_000; i++) {
      changes.add(
          new RuleData.Change(
              JsonPath.parse("k" + i + "[9999]").orElseThrow(), IntNode.valueOf(1)));
    }
    RuleRig rig = new RuleRig().record("r/1", "{}").data(new RuleData.Patched(changes, true));
    assertThat(rig.fails("data.k0.length === 10000")).isTrue();
    rig.data(new RuleData.Patched(changes.subList(0, 50), true));
    assertThat(rig.grants("data.k49.length === 10000")).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "((a{1000}){1000}){1000}|too large",
        "(((((a{10}){10}){10}){10}){10}){10}|too large",
        "a{100000000}|too large",
        "(?=a)b|looking ahead or behind",
        "(?<!a)b|looking ahead or behind",
        "(a)\\1|refers back",
      })
  void regularExpressionsThatCannotBeBoundedAreRefused(String regex, String reason) {
    new RuleRig().refuses("'a'.match(/" + regex + "/)", "regular expression that is refused: ");
    new RuleRig().refuses("'a'.match(/" + regex + "/)", reason);
    String text = regex.replace("\\", "\\\\");
    assertThat(new RuleRig().fails("'a'.match('" + text + "')")).isTrue();
  }

  @Test
  void flagsOfRegularExpressionsThatAreNotSupportedAreRefused() {
    new RuleRig().refuses("'a'.match(/a/y)", "the flag y is not supported");
  }

  @Test
  void deepNestingIsRefusedAndDoesNotOverflowTheStack() throws InterruptedException {
    var overflown = new AtomicBoolean(true);
    Thread small =
        new Thread(
            null,
            () -> {
              int deep = 4_900;
              var rig = new RuleRig();
              rig.refuses("(".repeat(deep) + "1" + ")".repeat(deep), "deep");
              rig.refuses("!".repeat(2 * deep) + "1", "deep");
              rig.refuses("[".repeat(deep) + "]".repeat(deep), "deep");
              rig.refuses("data" + "[data".repeat(1500) + "]".repeat(1500), "deep");
              rig.refuses("1" + "+1".repeat(deep), "deep");
              rig.refuses("data" + ".a".repeat(deep), "deep");
              rig.refuses("'" + "x".repeat(20_000) + "'", "longer than");
              rig.refuses("/" + "(".repeat(4_000) + ")".repeat(4_000) + "/", "regular expression");
              overflown.set(false);
            },
            "small stack",
            512 << 10);
    small.start();
    small.join();
    assertThat(overflown).isFalse();
  }

  @Test
  void longListsOfNamesAreStillAllowed() {
    String rule = "user.id === 'x' || ".repeat(300) + "user.id === 'open'";
    assertThat(new RuleRig().judge(rule)).isEqualTo(new RuleOutcome.Granted());
  }

  @Test
  void deepDataIsNoProblem() {
    int deep = 480;
    RuleRig rig = new RuleRig().data("[".repeat(deep) + "\"x\"" + "]".repeat(deep));
    assertThat(rig.grants("data + '' === 'x'")).isTrue();
  }

  @Test
  void hugeArraysAreLookedAtWithinBounds() {
    RuleRig rig = new RuleRig().data("[" + "1,".repeat(MEBI / 2) + "2]");
    RuleRig large = new RuleRig().data("[" + "1,".repeat(MEBI / 8) + "2]");
    assertTimeoutPreemptively(
        DEADLINE,
        () -> {
          assertThat(large.grants("data.indexOf(2) === data.length - 1")).isTrue();
          assertThat(rig.grants("data[4000000000] === undefined && data[-1] === undefined"))
              .isTrue();
          assertThat(rig.fails("data.includes(3)")).isTrue();
          assertThat(rig.fails("('' + data).length > 0")).isTrue();
        });
  }
}

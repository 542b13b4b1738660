package io.millrace.server.permission;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.auth.User;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What rules can say, and what it means: JavaScript (protocol §8.1). */
final class RuleExpressionTest {
  private final RuleRig rig =
      new RuleRig()
          .user("lena", "{\"role\": \"admin\", \"level\": 3, \"cities\": [\"Bern\", \"Oslo\"]}")
          .variables(Map.of("$city", "Paris", "$1", "one"))
          .data(
              """
              {"id": "x", "n": 12, "s": "12", "price": 1.5, "big": 9007199254740993, "nil": null,
               "yes": true, "address": {"city": "PARIS"}, "tags": ["a", 2, null], "empty": "",
               "text": "  Hello World ", "constructor": 1, "5": "five"}
              """)
          .record("r/1", "{\"n\": 11, \"address\": {\"city\": \"Rome\"}}")
          .record("a/x", "{\"field\": \"deep\", \"next\": \"y\"}")
          .record("a/y", "{\"next\": \"z\", \"field\": 7}")
          .record("a/z", "{\"end\": true}")
          .record("list", "[\"a\", \"b\"]");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "true",
        " true ",
        "(true)",
        "1",
        "'text'",
        "'a' === \"a\"",
        "data.n > 10",
        "data.s > 10",
        "data.s == 12",
        "data.s !== 12",
        "data.n === 12 && data.price === 1.5",
        "data.n > oldData.n",
        "!data.missing",
        "data.missing === undefined",
        "!(data.missing > 10)",
        "data.nil === null && data.nil == undefined",
        "data.yes",
        "typeof data.s === 'string'",
        "typeof data.n === 'number' && typeof data.missing === 'undefined'",
        "typeof data === 'object' && typeof data.tags === 'object'",
        "typeof data.yes === 'boolean'",
        "user.id === 'lena' && user.isAuthenticated",
        "user.isAuthenticated === true",
        "user.data.role === 'admin' || false",
        "user.data.level >= 3 && user.data.level <= 3 && user.data.level != 4",
        "user.data.cities.indexOf('Oslo') === 1",
        "user.data.cities.includes('Bern')",
        "user.data.cities.indexOf('Rome') === -1",
        "user.data.cities.length === 2",
        "user.data.cities[1] === 'Oslo'",
        "'a' + 'b' + 1 === 'ab1'",
        "'Paris' + $1 === $city + 'one'",
        "$city.toLowerCase() === data.address.city.toLowerCase()",
        "data.address.city === 'PARIS'",
        "data['address']['city'] === 'PARIS'",
        "data['add' + 'ress'].city === 'PARIS'",
        "data[5] === 'five' && data['5'] === 'five'",
        "data.address === data.address",
        "data.text.trim() === 'Hello World'",
        "data.text.trim().toUpperCase().startsWith('HELLO')",
        "data.text.trim().endsWith('World')",
        "data.text.includes('World') && !data.text.includes('world')",
        "data.text.indexOf('World') === 8",
        "data.text.match(/h[a-e]llo/i)",
        "data.text.match(/^\\s+Hello\\sWorld\\s$/)",
        "data.text.match(/(\\w+) (\\w+)/)[2] === 'World'",
        "data.text.match(/o/g).length === 2",
        "data.text.match('W.r')",
        "!data.text.match(/xyz/)",
        "!data.text.match(/^World/)",
        "data.text.match(/[^]/) && !data.text.match(/[]/)",
        "('a/' + data.id).match(/^a\\/\\u0078$/)",
        "data.n * 2 + 1 === 25 && data.n % 5 === 2 && data.n / 4 === 3 && -data.n === -12",
        "data.n > 10 ? true : false",
        "data.tags[0] + data.tags[1] === 'a2'",
        "data.tags + '' === 'a,2,'",
        "'' + data === '[object Object]'",
        "'n' in data && !('m' in data)",
        "['admin', 'owner'].indexOf(user.data.role) !== -1",
        "['admin', 'owner'].includes(user.data.role)",
        "`a/${data.id}` === 'a/x'",
        "data.missing?.deeper === undefined && data.address?.city === 'PARIS'",
        "(data.missing ?? 'none') === 'none'",
        "now > 1600000000000 && now < 1800000000000",
        "action === 18",
        "name === 'r/1' && name.startsWith('r/')",
        "_('a/' + data.id ).field === 'deep'",
        "_( 'a/x' ) !== null && _('a/none') === null",
        "_('list').length === 2 && _('list').indexOf('b') === 1",
        "_('a/' + _('a/x').next).field === 7",
        "_(undefined) === undefined && _(data.missing) === undefined",
        "_('a/' + data.missing) === undefined",
        "data.id === 'x'; ",
        "data.n === 12 // and a comment",
        "data\n.n\n=== 12",
        "data.big > 9007199254740990",
        "data.price.toFixed === undefined",
        "NaN !== NaN",
      })
  void grants(String rule) {
    assertThat(rig.judge(rule)).isEqualTo(new RuleOutcome.Granted());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "false",
        "0",
        "''",
        "null",
        "undefined",
        "NaN",
        "data.missing",
        "data.empty",
        "data.nil",
        "data.s > 12",
        "data.missing > 10",
        "data.missing < 10",
        "user.isAuthenticated === 'true'",
        "user.data.role === 'Admin'",
        "_('a/none')",
      })
  void falsyDenies(String rule) {
    assertThat(rig.judge(rule)).isEqualTo(new RuleOutcome.Denied());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data.missing.deeper === 1",
        "data.nil.deeper",
        "_('a/none').field",
        "data.n.toUpperCase()",
        "data.toLowerCase() === ''",
        "nobodyKnowsThis",
        "$unknown === 'x'",
        "_(5)",
        "_(data)",
        "data.text.match('(')",
        "data.text.match('(?=x)')",
        "data.address.match(/x/)",
      })
  void anErrorFails(String rule) {
    assertThat(rig.judge(rule)).isInstanceOf(RuleOutcome.Failed.class);
  }

  @Test
  void dataMayBeAnyJson() {
    assertThat(new RuleRig().type(RuleType.EVENT_PUBLISH).data("\"12\"").grants("data > 10"))
        .isTrue();
    assertThat(new RuleRig().type(RuleType.EVENT_PUBLISH).data("9").denies("data > 10")).isTrue();
    assertThat(new RuleRig().type(RuleType.EVENT_PUBLISH).denies("data > 10")).isTrue();
    assertThat(new RuleRig().type(RuleType.EVENT_PUBLISH).data("null").grants("data === null"))
        .isTrue();
    assertThat(new RuleRig().type(RuleType.EVENT_PUBLISH).data("[1]").grants("data[0] == data"))
        .isTrue();
  }

  @Test
  void anonymousUsersAreNotAuthenticatedAndHaveNoData() {
    RuleRig anonymous = new RuleRig();
    assertThat(anonymous.grants("!user.isAuthenticated && user.id === 'open'")).isTrue();
    assertThat(anonymous.grants("user.data === null")).isTrue();
    assertThat(anonymous.fails("user.data.role === 'x'")).isTrue();
  }

  @Test
  void aRequestWithoutNameHasNone() {
    assertThat(new RuleRig().type(RuleType.PRESENCE_ALLOW).name(null).grants("name === undefined"))
        .isTrue();
  }

  @Test
  void oldDataOfAMissingRecordIsNull() {
    assertThat(new RuleRig().grants("oldData === null")).isTrue();
    assertThat(new RuleRig().fails("oldData.x === 1")).isTrue();
  }

  /** One compiled rule, on several event loops at once, each with data of its own. */
  @Test
  void rulesAreRunByManyThreads() throws Exception {
    var engine = new RuleEngine();
    Rule rule =
        engine
            .compile(
                RuleType.EVENT_PUBLISH,
                "data.n % 2 === 0 && ('' + data.n).match(/^[0-9]+$/) && data.s.trim() === 'n' +"
                    + " data.n")
            .rule();
    try (var threads = Executors.newFixedThreadPool(4)) {
      List<Future<Integer>> granted = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int offset = t * 10_000;
        granted.add(
            threads.submit(
                () -> {
                  int count = 0;
                  for (int n = offset; n < offset + 2_000; n++) {
                    var data = RuleRig.json("{\"n\": " + n + ", \"s\": \" n" + n + "\"}");
                    var facts =
                        new RuleFacts(
                            new Asker(new User("u", null, null)),
                            2,
                            "e",
                            Map.of(),
                            null,
                            new RuleData.Given(data),
                            0);
                    RuleOutcome outcome = new RuleCheck(engine, rule, facts, 3).run();
                    count += outcome instanceof RuleOutcome.Granted ? 1 : 0;
                  }
                  return count;
                }));
      }
      for (Future<Integer> each : granted) {
        assertThat(each.get()).isEqualTo(1_000);
      }
    }
  }
}

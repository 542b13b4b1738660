package io.millrace.server.permission;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.permission.PermissionFile.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which permission files are taken, and which rule of one is asked (protocol §8.1). */
final class PermissionFileTest {
  private static final RuleEngine ENGINE = new RuleEngine();
  private static final String REST =
      """
      event: { "*": { publish: true, subscribe: true, listen: true } }
      rpc: { "*": { provide: true, request: true } }
      presence: { "*": { allow: true } }
      """;

  @Test
  void theFileThatIsShippedAllowsEverything() throws IOException {
    PermissionRules rules = rules(Files.readString(Path.of("../conf/permissions.yml")));
    for (RuleType type : RuleType.values()) {
      assertThat(rules.find(type, "a/b").orElseThrow().rule()).isEqualTo(new Rule.Constant(true));
    }
  }

  @Test
  void aFileAsTheReferenceShipsIt() {
    PermissionRules rules =
        rules(
            """
            presence:
              "*":
                allow: true
            record:
              "*":
                create: true
                write: true
                read: true
                delete: true
                listen: true
                notify: true
            event:
              "*":
                listen: true
                publish: true
                subscribe: true
            rpc:
              "*":
                provide: true
                request: true
            """);
    for (RuleType type : RuleType.values()) {
      assertThat(rules.find(type, "a/b").orElseThrow().rule()).isEqualTo(new Rule.Constant(true));
      assertThat(rules.find(type, null)).isPresent();
    }
  }

  @Test
  void jsonIsRead() {
    PermissionRules rules =
        rules(
            """
            {"record": {"*": {"read": "oldData.open === true", "write": "false"}},
             "event": {"*": {"publish": true}}, "rpc": {"*": {"request": "true"}},
             "presence": {"*": {"allow": false}}}
            """);
    assertThat(rules.find(RuleType.RECORD_WRITE, "x").orElseThrow().rule())
        .isEqualTo(new Rule.Constant(false));
    assertThat(rules.find(RuleType.RPC_REQUEST, "x").orElseThrow().rule())
        .isEqualTo(new Rule.Constant(true));
    assertThat(rules.find(RuleType.RECORD_READ, "x").orElseThrow().rule().uses().oldData())
        .isTrue();
  }

  @Test
  void theLongestPathThatDefinesTheTypeIsAsked() {
    PermissionRules rules =
        rules(
            """
            record:
              "*": { read: true, write: false, create: true }
              "user/*": { read: false }
              "user/$id": { write: true }
              "user/lena": { create: false }
              "user/l$st": { create: true }
              "user/l*na": { create: false }
            """
                + REST);
    assertThat(path(rules, RuleType.RECORD_READ, "user/lena")).isEqualTo("user/*");
    assertThat(path(rules, RuleType.RECORD_WRITE, "user/lena")).isEqualTo("user/$id");
    assertThat(path(rules, RuleType.RECORD_WRITE, "user/a/b")).isEqualTo("*");
    assertThat(path(rules, RuleType.RECORD_CREATE, "user/lena")).isEqualTo("user/l*na");
    assertThat(path(rules, RuleType.RECORD_CREATE, "user/lisa")).isEqualTo("user/l$st");
    assertThat(path(rules, RuleType.RECORD_READ, "seat")).isEqualTo("*");
    assertThat(rules.find(RuleType.RECORD_NOTIFY, "seat")).isEmpty();
    assertThat(rules.find(RuleType.RECORD_WRITE, "user/x").orElseThrow().variables())
        .isEqualTo(Map.of("$id", "x"));
  }

  @Test
  void whatHasNoNameIsMatchedByStarsOnly() {
    PermissionRules rules =
        rules(
            """
            record: { "*": { read: true } }
            event: { "*": { publish: true } }
            rpc: { "*": { request: true } }
            presence: { "*": { allow: true }, "$user": { allow: false }, "adm*": { allow: false } }
            """);
    assertThat(path(rules, RuleType.PRESENCE_ALLOW, null)).isEqualTo("*");
    assertThat(path(rules, RuleType.PRESENCE_ALLOW, "lena")).isEqualTo("$user");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "recrod: {}|p.yml:1: recrod: is no section; allowed are record, event, rpc, presence",
        "record: {}|p.yml:1: record: is empty",
        "record:|p.yml:1: record: must hold paths",
        "record: { \"a\": { read: true } }|p.yml:1: record: has no path \"*\"",
        "record: { \"*\": { reed: true } }|record \"*\" reed: is no rule type; allowed are create,"
            + " read, write",
        "record: { \"*\": { publish: true } }|record \"*\" publish: is no rule type",
        "record: { \"*\": true }|record \"*\": must hold rules",
        "record: { \"*\": { read: 12 } }|record \"*\" read: must be true, false or text",
        "record: { \"*\": { read: } }|record \"*\" read: is empty",
        "record: { \"*\": { read: [true] } }|record \"*\" read: must be true, false or text",
        "record: { \"*\": { read: { a: b } } }|record \"*\" read: must be true, false or text",
        "record: { \"*\": { read: \"\" } }|record \"*\" read: is empty",
        "record: { \"*\": { read: \"data.x\" } }|uses data, which a rule of type read does not"
            + " have",
        "record: { \"*\": { create: \"oldData.x\" } }|uses oldData, which a rule of type create",
        "record: { \"*\": { read: \"user.data.x && user.data.oldData\" } }|",
        "record: { \"*\": { read: \"a b\" } }|record \"*\" read: is not a JavaScript expression",
        "record: { \"*\": { read: \"new Date()\" } }|uses new",
        "record: { \"*\": { read: \"eval('1')\" } }|calls eval; allowed are _, endsWith",
        "record: { \"*\": { read: true }, \"/a\": { read: true } }|record \"/a\": starts with /",
        "record: { \"*\": { read: true }, \"a$\": { read: true } }|record \"a$\": has a $ without",
        "record: { \"*\": { read: true, read: false } }|record \"*\" read: is given twice",
        "record: { \"*\": { read: true }, \"*\": { read: true } }|record \"*\": is given twice",
        "record: [|is not YAML",
      })
  void faultsSayWhereAndWhat(String record, String problem) {
    Result result = PermissionFile.read(ENGINE, "p.yml", record + "\n" + REST);
    if (problem == null) {
      assertThat(result).isInstanceOf(Result.Loaded.class);
    } else {
      assertThat(lines(result)).contains(problem);
    }
  }

  @Test
  void allFaultsAreFound() {
    String faults =
        lines(
            PermissionFile.read(
                ENGINE,
                "p.yml",
                """
                record:
                  "a": { read: "x =" , write: "1 +" }
                event:
                  "*": { publish: "oldData" }
                other: 1
                """));
    assertThat(faults.lines())
        .hasSize(7)
        .anyMatch(line -> line.startsWith("p.yml:2: record \"a\" read: "))
        .anyMatch(line -> line.startsWith("p.yml:2: record \"a\" write: "))
        .anyMatch(line -> line.startsWith("p.yml:1: record: has no path"))
        .anyMatch(line -> line.startsWith("p.yml:4: event \"*\" publish: uses oldData"))
        .anyMatch(line -> line.startsWith("p.yml:5: other: is no section"))
        .anyMatch(line -> line.startsWith("p.yml: rpc: is missing"))
        .anyMatch(line -> line.startsWith("p.yml: presence: is missing"));
  }

  @Test
  void anEmptyFileMissesEverything() {
    assertThat(lines(PermissionFile.read(ENGINE, "p.yml", "")).lines()).hasSize(4);
    assertThat(lines(PermissionFile.read(ENGINE, "p.yml", "true"))).contains("must hold");
  }

  @Test
  void aNameThatIsNoVariableIsTakenWithAWarning() {
    Result result =
        PermissionFile.read(
            ENGINE, "p.yml", "record: { \"*\": { read: \"usr.id === 'x'\" } }\n" + REST);
    assertThat(result).isInstanceOf(Result.Loaded.class);
    assertThat(((Result.Loaded) result).warnings())
        .isEqualTo(List.of("p.yml:1: record \"*\" read: uses usr, which is no variable"));
  }

  private static PermissionRules rules(String text) {
    Result result = PermissionFile.read(ENGINE, "p.yml", text);
    assertThat(result).as(result.toString()).isInstanceOf(Result.Loaded.class);
    return ((Result.Loaded) result).rules();
  }

  private static String path(PermissionRules rules, RuleType type, @Nullable String name) {
    return rules.find(type, name).orElseThrow().path();
  }

  private static String lines(Result result) {
    assertThat(result).isInstanceOf(Result.Faulty.class);
    return ((Result.Faulty) result)
        .faults().stream().map(Object::toString).collect(Collectors.joining("\n"));
  }
}

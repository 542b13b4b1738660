package io.millrace.server.permission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A permission file that changes. The thread that looks each second is the test itself. */
final class WatchedRulesTest implements PermissionCounter {
  @TempDir private Path directory;
  private Path file = Path.of("");
  private int reloaded;
  private int failed;

  @BeforeEach
  void write() throws IOException {
    file = directory.resolve("permissions.yml");
    Files.writeString(file, rules("true"));
  }

  @Test
  void aChangedFileIsTaken() throws IOException {
    try (var rules = new WatchedRules(file, this)) {
      assertThat(readRule(rules)).isEqualTo(new Rule.Constant(true));
      rules.look();
      assertThat(reloaded).isZero();
      Files.writeString(file, rules("false"));
      rules.look();
      rules.look();
      assertThat(readRule(rules)).isEqualTo(new Rule.Constant(false));
      assertThat(reloaded).isEqualTo(1);
    }
  }

  @Test
  void aFileThatIsReplacedIsTaken() throws IOException {
    Path link = directory.resolve("link.yml");
    Files.createSymbolicLink(link, file);
    Path other = directory.resolve("other.yml");
    Files.writeString(other, rules("false"));
    try (var rules = new WatchedRules(link, this)) {
      Path next = directory.resolve("next.yml");
      Files.createSymbolicLink(next, other);
      Files.move(next, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      rules.look();
      assertThat(readRule(rules)).isEqualTo(new Rule.Constant(false));
    }
  }

  @Test
  void aBrokenFileLeavesTheOldRulesInForce() throws IOException {
    try (var rules = new WatchedRules(file, this)) {
      Files.writeString(file, rules("1 +"));
      rules.look();
      rules.look();
      assertThat(failed).isEqualTo(1);
      Files.delete(file);
      rules.look();
      rules.look();
      assertThat(failed).isEqualTo(2);
      assertThat(readRule(rules)).isEqualTo(new Rule.Constant(true));
      Files.writeString(file, rules("false"));
      rules.look();
      assertThat(readRule(rules)).isEqualTo(new Rule.Constant(false));
      assertThat(reloaded).isEqualTo(1);
    }
  }

  @Test
  void aBrokenFileAtTheStartIsAnError() throws IOException {
    assertThat(WatchedRules.check(file)).isEmpty();
    Files.writeString(file, rules("1 +"));
    assertThat(WatchedRules.check(file)).hasSize(1);
    assertThatThrownBy(() -> new WatchedRules(file, this))
        .isInstanceOf(FaultyPermissionsException.class)
        .hasMessageContaining("read: is not a JavaScript expression");
    Files.delete(file);
    assertThat(WatchedRules.check(file).toString()).contains("there is no such file");
    Files.write(file, new byte[] {(byte) 0xff});
    assertThat(WatchedRules.check(file).toString()).contains("is not UTF-8 text");
  }

  private static Rule readRule(WatchedRules rules) {
    return rules.current().find(RuleType.RECORD_READ, "r").orElseThrow().rule();
  }

  private static String rules(String read) {
    return """
    record: { "*": { read: "%s" } }
    event: { "*": { publish: true } }
    rpc: { "*": { request: true } }
    presence: { "*": { allow: true } }
    """
        .formatted(read);
  }

  @Override
  public void denied() {}

  @Override
  public void failed() {}

  @Override
  public void reloaded() {
    reloaded++;
  }

  @Override
  public void reloadFailed() {
    failed++;
  }
}

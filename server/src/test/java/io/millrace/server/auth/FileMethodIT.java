package io.millrace.server.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.server.config.AuthConfig;
import io.millrace.server.config.AuthConfig.Digest;
import io.millrace.server.config.AuthConfig.Pbkdf2;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Type file, with files. */
final class FileMethodIT {
  private static final String HASH = Argon2id.hash("secret");

  private static final Pbkdf2 MD5 = new Pbkdf2(Digest.MD5, 100, 32);
  private static final String PBKDF2 =
      "rCOSZxJrgze2AZdVQh12c6ErDMOG0M+Rx5Yu7S5d91c=GS4SbTQYmoaGwjm2shEobg==";

  @TempDir private Path directory;

  private Path file(String text) throws IOException {
    return Files.writeString(directory.resolve("users.yml"), text);
  }

  private static Verdict check(Path file, @Nullable Boolean report, boolean only, String json) {
    return check(new AuthConfig.File(file, report, null), only, json);
  }

  private static Verdict check(AuthConfig.File config, boolean only, String json) {
    try (FileMethod method = FileMethod.open(config, only)) {
      return Logins.get(method.check(Logins.with(json)));
    }
  }

  private Path annAndBob() throws IOException {
    return file(
        """
        ann: { password: "%s", clientData: { colour: red }, serverData: { role: admin } }
        bob: { password: "%s" }
        nil: { password: "%s", clientData: null }
        """
            .formatted(HASH, HASH, HASH));
  }

  @Test
  void theRightPasswordIsTheUserOfTheFile() throws IOException {
    assertThat(check(annAndBob(), null, true, "{\"username\":\"ann\",\"password\":\"secret\"}"))
        .isEqualTo(Logins.accepted("ann", "{\"colour\":\"red\"}", "{\"role\":\"admin\"}"));
  }

  /** Not absent: so it is in the reference. */
  @Test
  void clientDataThatTheFileDoesNotNameAreNull() throws IOException {
    for (String name : new String[] {"bob", "nil"}) {
      assertThat(
              check(
                  annAndBob(),
                  null,
                  true,
                  "{\"username\":\"%s\",\"password\":\"secret\"}".formatted(name)))
          .isEqualTo(Logins.accepted(name, "null", ""));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // the password, alone and among others
        "'{\"username\":\"ann\",\"password\":\"Secret\"}' | | true | refused",
        "'{\"username\":\"ann\",\"password\":\"Secret\"}' | | false | unknown",
        "'{\"username\":\"ann\",\"password\":\"Secret\"}' | false | true | unknown",
        "'{\"username\":\"ann\",\"password\":\"Secret\"}' | true | false | refused",
        // the name
        "'{\"username\":\"eve\",\"password\":\"secret\"}' | | true | unknown",
        "'{\"username\":\"eve\",\"password\":\"secret\"}' | true | false | unknown",
        // their form
        "'{}' | | true | missing authentication parameter username",
        "'{\"username\":\"ann\"}' | | true | missing authentication parameter password",
        "'{\"username\":\"ann\",\"password\":7}' | | true | missing authentication parameter"
            + " password",
        "'{\"username\":[],\"password\":\"secret\"}' | | true | missing authentication parameter"
            + " username",
        "'{}' | | false | unknown",
      })
  void wrongCredentialsAreReportedOrLeftToTheNext(
      String json, @Nullable Boolean report, boolean only, String expected) throws IOException {
    Verdict verdict = check(annAndBob(), report, only, json);

    assertThat(verdict)
        .isEqualTo(
            switch (expected) {
              case "unknown" -> Verdict.UNKNOWN;
              case "refused" -> Verdict.refused(null);
              default -> Verdict.refusedBecause(expected);
            });
  }

  @Test
  void aPasswordOfAMebibyteIsNotHashed() throws IOException {
    assertThat(
            check(
                annAndBob(),
                null,
                true,
                "{\"username\":\"ann\",\"password\":\"%s\"}".formatted("x".repeat(1 << 20))))
        .isEqualTo(Verdict.refused(null));
  }

  @Test
  void aFileOfTheReferenceIsUnderstoodIfItsParametersAreNamed() throws IOException {
    Path file = file("{ \"userA\": { \"password\": \"%s\" } }".formatted(PBKDF2));

    assertThat(
            check(
                new AuthConfig.File(file, null, MD5),
                true,
                "{\"username\":\"userA\",\"password\":\"password\"}"))
        .isEqualTo(Logins.accepted("userA", "null", ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "ann: { password: hunter2 } | the password of user \"ann\" is not a hash; clear text is not"
            + " accepted: put there what ",
        "ann: { password: 1234567 } | the password of user \"ann\" is missing, or is not text",
        "ann: {} | the password of user \"ann\" is missing",
        "ann: hunter2 | user \"ann\" must hold a password",
        "ann: { password: '$argon2id$hunter2' } | the password of user \"ann\" is not a whole"
            + " argon2id hash",
        "ann: { password: '$2a$hunter2' } | the password of user \"ann\" is not a whole bcrypt"
            + " hash",
        "ann: { passwd: hunter2 } | user \"ann\" has an unknown key; allowed are password,"
            + " clientData, serverData",
        "[hunter2] | must hold user names",
        "ann: { password: [hunter2 | line 1 is not YAML",
      })
  void aFileWithAFaultIsRefusedWithoutItsSecrets(String text, String expected) throws IOException {
    Path file = file(text);

    assertThatThrownBy(() -> Users.read(file, null))
        .isInstanceOf(AuthSetupException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(expected)
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void aNameThatIsThereTwiceIsAFault() throws IOException {
    Path file = file("ann: { password: a }\nann: { password: b }\n");

    assertThatThrownBy(() -> Users.read(file, null)).hasMessageContaining("names something twice");
  }

  @Test
  void aFileThatIsNotThereIsAFault() {
    assertThatThrownBy(() -> Users.read(directory.resolve("none.yml"), null))
        .hasMessageEndingWith("none.yml: there is no such file");
  }

  @Test
  void aChangedFileIsReadAgainAndAFaultyOneIsNot() throws IOException {
    Path path = file("ann: { password: \"%s\" }".formatted(HASH));
    UserFile file = new UserFile(path, null);
    long later = System.nanoTime() + Duration.ofSeconds(2).toNanos();

    file("bobby: { password: \"%s\" }".formatted(HASH));
    assertThat(file.users(later).byName()).containsOnlyKeys("bobby");

    file("eve: { password: clear text }");
    assertThat(file.users(2 * later).byName()).containsOnlyKeys("bobby");

    Files.delete(path);
    assertThat(file.users(3 * later).byName()).containsOnlyKeys("bobby");
  }
}

package io.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program as a process: what it says, how it ends. */
@Timeout(300)
final class MainIT {
  @TempDir private Path directory;

  @Test
  void aSignalStopsTheServerInGoodOrder() throws Exception {
    Path config =
        Files.writeString(
            directory.resolve("millrace.yml"),
            "server: { host: 127.0.0.1, port: 0 }\nstorage: { type: none }\n");
    Process process = millrace("start", "--config", config.toString());
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      String ready = out.readLine();
      assertThat(ready)
          .matches("Millrace .* listens on http://127.0.0.1:\\d+, storage none, .*, ready");

      // SIGTERM; Process.destroy would close the streams too.
      process.toHandle().destroy();

      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(0);
      assertThat(out.lines()).isEmpty();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void faultsOfTheConfigurationEndItWithTwo() throws Exception {
    Path config = Files.writeString(directory.resolve("millrace.yml"), "server: { port: x }\n");
    Process process = millrace("start", "--config", config.toString());

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(2);
  }

  private Process millrace(String... arguments) throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "@" + Path.of("..", "conf", "jvm.options").toAbsolutePath(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }
}

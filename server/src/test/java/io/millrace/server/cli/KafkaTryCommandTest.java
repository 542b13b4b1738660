package io.millrace.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.mapping.JsonFormat;
import io.millrace.server.mapping.PayloadFormat;
import io.millrace.server.mapping.SourceMapping;
import io.millrace.server.mapping.TextFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaTryCommandTest {
  @TempDir private Path folder;
  private String config = "";

  @BeforeEach
  void writeConfig() throws IOException {
    config =
        Files.writeString(
                folder.resolve("millrace.yml"),
                """
                kafka:
                  bootstrapServers: b:1
                  sources:
                    - { name: s, topics: [t], record: '{topic}/{payload.id}', operation: merge, path: a }
                """)
            .toString();
  }

  @Test
  void printsJsonForPrograms() {
    assertThat(tried("{\"value\":{\"id\":1}}\n\n{\"value\":{}}", "--json").out())
        .isEqualTo(
            """
            {"line":1,"record":"t/1","op":"merge","path":"a","data":{"id":1}}
            {"line":3,"refused":"payload has no field 'id' needed by record template"}
            """);
  }

  @Test
  void takesRawValuesAndBytes() {
    assertThat(tried("{\"id\":1}", "--raw").out()).isEqualTo("t/1  merge  a  {\"id\":1}\n");
    assertThat(tried("{\"valueBase64\":\"eyJpZCI6Mn0=\",\"topic\":\"u\"}").out())
        .isEqualTo("u/2  merge  a  {\"id\":2}\n");
    assertThat(tried("{\"valueBase64\":\"/w==\"}"))
        .isEqualTo(
            new Tried(1, "line 1 refused: payload is not UTF-8 needed by record template\n", ""));
  }

  @Test
  void readsFiles() throws IOException {
    Path input = Files.writeString(folder.resolve("in.jsonl"), "{\"value\":{\"id\":1}}\n");

    assertThat(
            Tried.of("", "--config", config, "--source", "s", "--input", input.toString())
                .exitCode())
        .isZero();
  }

  @Test
  void wrongUsageIsSaid() {
    Tried unknown = Tried.of("", "--config", config, "--source", "x", "--input", "-");
    assertThat(unknown.exitCode()).isEqualTo(2);
    assertThat(unknown.err()).contains("has no kafka source 'x'; it has: s");

    Tried missing = Tried.of("", "--config", config, "--source", "s", "--input", "/no/file");
    assertThat(missing.exitCode()).isEqualTo(2);
    assertThat(missing.err()).contains("Cannot read /no/file");

    assertThat(tried("{\"value\":1,\"valeu\":2}").err()).contains("Line 1 of - is no message");
    assertThat(tried("[]").exitCode()).isEqualTo(2);
    assertThat(Tried.of("", "--config", config).exitCode()).isEqualTo(2);
  }

  @Test
  void waitsForWhatAMessageNeeds() {
    CompletableFuture<Void> schema = CompletableFuture.completedFuture(null);
    AtomicInteger asked = new AtomicInteger();
    PayloadFormat slow =
        (message, isKey, bytes) ->
            asked.incrementAndGet() < 3
                ? new PayloadFormat.Decoded.Unavailable("no schema yet", schema)
                : JsonFormat.INSTANCE.decode(message, isKey, bytes);

    Tried tried =
        Tried.of(
            (all, source) -> new SourceMapping(source, TextFormat.INSTANCE, slow, null),
            "{\"value\":{\"id\":1}}",
            "--config",
            config,
            "--source",
            "s",
            "--input",
            "-");

    assertThat(tried).isEqualTo(new Tried(0, "t/1  merge  a  {\"id\":1}\n", ""));
    assertThat(asked.get()).isEqualTo(3);
  }

  private Tried tried(String input, String... more) {
    String[] arguments = {"--config", config, "--source", "s", "--input", "-"};
    return Tried.of(
        input, Stream.concat(Arrays.stream(arguments), Arrays.stream(more)).toArray(String[]::new));
  }
}

package io.millrace.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples of docs/kafka.md do what stands there. */
class KafkaDocsTest {
  private static final Pattern EXAMPLE =
      Pattern.compile("(?s)```yaml\n(.*?)```\n```jsonl\n(.*?)```\n```text\n(.*?)```");

  @TempDir private Path folder;

  private record Example(String source, String name, String input, String output) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Example> examples() throws IOException {
    List<Example> examples = new ArrayList<>();
    Matcher matcher = EXAMPLE.matcher(document());
    while (matcher.find()) {
      String source = matcher.group(1);
      String name = source.substring("- name: ".length(), source.indexOf('\n'));
      examples.add(new Example(source, name, matcher.group(2), matcher.group(3)));
    }
    return examples.stream();
  }

  private static String document() throws IOException {
    return Files.readString(Path.of("../docs/kafka.md"));
  }

  @Test
  void noExampleIsOverlooked() throws IOException {
    assertThat(examples())
        .hasSize(document().split("```jsonl", -1).length - 1)
        .hasSizeGreaterThan(9);
  }

  @ParameterizedTest
  @MethodSource("examples")
  void examplesDoWhatStandsThere(Example example) throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("millrace.yml"),
            "kafka:\n  bootstrapServers: b:1\n  sources:\n" + example.source().indent(4));

    Tried tried =
        Tried.of(
            example.input(),
            "--config",
            config.toString(),
            "--source",
            example.name(),
            "--input",
            "-");

    assertThat(tried.out() + tried.err()).isEqualTo(example.output());
    assertThat(tried.exitCode()).isEqualTo(example.output().contains(" refused: ") ? 1 : 0);
  }
}

package io.millrace.server.kafka;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.millrace.server.config.DataSize;
import io.millrace.server.config.KafkaConfig;
import io.millrace.server.config.KafkaConfig.Source;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SourceChecksTest {
  @Test
  void aSourceCannotReadItsOwnDeadLetters() {
    assertRefused("dead letters of topic a come back to it", source("s", "a", "a"));
    assertRefused("dead letters of topic d come back to it", source("s", "d", "d", "a"));
  }

  @Test
  void deadLettersCannotGoRoundThroughAnotherSource() {
    assertRefused("come back to it", source("s", "b", "a"), source("t", "a", "b"));
  }

  @Test
  void anotherSourceMayReadDeadLetters() {
    assertThatCode(
            () -> SourceChecks.check(List.of(source("s", null, "a"), source("t", null, "a.dlq"))))
        .doesNotThrowAnyException();
  }

  @Test
  void aSourceCannotReadTheDeadLettersOfOneTopicAsAnother() {
    // a -> x, x -> x: bad letters of a would be read as x and written to x again.
    assertRefused("dead letters of topic x come back to it", source("s", "x", "a", "x"));
  }

  @Test
  void aTopicMayFeedTwoSources() {
    assertThatCode(
            () -> SourceChecks.check(List.of(source("s", null, "a"), source("r", null, "a"))))
        .doesNotThrowAnyException();
  }

  @Test
  void namesAreUniqueAndAGroupReadsATopicOnce() {
    assertRefused("two kafka sources are named s", source("s", null, "a"), source("s", null, "b"));
    assertRefused("topic a feeds two kafka sources of group", source("s", null, "a", "a"));
    assertRefused("has no topics", source("s", null));
  }

  private static void assertRefused(String text, Source... sources) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SourceChecks.check(Arrays.asList(sources)))
        .withMessageContaining(text);
  }

  private static Source source(String name, @Nullable String deadLetterTopic, String... topics) {
    return new Source(
        name,
        Arrays.asList(topics),
        null,
        KafkaConfig.Envelope.NONE,
        null,
        List.of(),
        "r",
        "set",
        null,
        null,
        null,
        KafkaConfig.StartFrom.EARLIEST,
        deadLetterTopic,
        new DataSize(1),
        KafkaConfig.Format.JSON,
        KafkaConfig.Format.TEXT,
        KafkaConfig.JsonRules.LOSSLESS);
  }
}

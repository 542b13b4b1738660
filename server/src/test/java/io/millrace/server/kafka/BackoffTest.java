package io.millrace.server.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackoffTest {
  private final Backoff backoff = new Backoff();

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0, Long.MAX_VALUE})
  void isDueAtOnceBeforeTheFirstFailure(long nanos) {
    assertThat(backoff.due(nanos)).isTrue();
  }

  @Test
  void waitsTwiceAsLongAfterEveryFailureUpToALimit() {
    backoff.failed(0);
    assertThat(backoff.due(Duration.ofMillis(99).toNanos())).isFalse();
    assertThat(backoff.due(Duration.ofMillis(100).toNanos())).isTrue();

    backoff.failed(0);
    assertThat(backoff.delay()).isEqualTo(Duration.ofMillis(200));

    for (int i = 0; i < 100; i++) {
      backoff.failed(0);
    }
    assertThat(backoff.delay()).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void startsAnewAfterASuccess() {
    backoff.failed(0);
    backoff.failed(0);
    backoff.succeeded();
    assertThat(backoff.due(0)).isTrue();

    backoff.failed(0);
    assertThat(backoff.delay()).isEqualTo(Duration.ofMillis(100));
  }
}

package io.millrace.server.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.value.RecordName;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class DeltaAttemptTest {
  private final DeltaAttempt first = attempt(7, null);
  private final DeltaAttempt second = attempt(9, first);

  private static DeltaAttempt attempt(long offset, @Nullable DeltaAttempt before) {
    return new DeltaAttempt(
        new Delta(
            new RecordName("r"), new DeltaOperation.Delete(), new LogPosition("s:t/0", offset)),
        before,
        (attempt, outcome, failure) -> {});
  }

  @Test
  void comesAfterTheOneThatIsUnderWay() {
    assertThat(first.delta().after()).isEqualTo(Delta.NONE);
    assertThat(second.delta().after()).isEqualTo(7);
  }

  @Test
  void oneThatWasRefusedIsNoHindrance() {
    first.end(new DeltaOutcome.Refused("for the test"), null);
    assertThat(second.delta().after()).isEqualTo(Delta.NONE);
  }

  /** It will be handed over again, and the record would take it for a replay then. */
  @Test
  void neverOvertakesOneThatFailed() {
    first.end(null, new IllegalStateException("for the test"));
    assertThat(second.delta().after()).isEqualTo(7);
  }
}

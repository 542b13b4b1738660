package io.millrace.server.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class InFlightTest {
  @Test
  void isFullAtTheLimitUntilLessThanHalfIsLeft() {
    InFlight inFlight = new InFlight(100);

    inFlight.add(99);
    assertThat(inFlight.full()).isFalse();
    inFlight.add(1);
    assertThat(inFlight.full()).isTrue();
    inFlight.remove(50);
    assertThat(inFlight.full()).isTrue();
    inFlight.remove(1);
    assertThat(inFlight.full()).isFalse();
    assertThat(inFlight.bytes()).isEqualTo(49);
  }

  @Test
  void theSmallestLimitLetsOneThroughAtATime() {
    InFlight inFlight = new InFlight(1);

    inFlight.add(1000);
    assertThat(inFlight.full()).isTrue();
    inFlight.remove(1000);
    assertThat(inFlight.full()).isFalse();
  }

  @Test
  void aLimitOfNothingIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new InFlight(0));
  }
}

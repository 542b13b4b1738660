package io.millrace.server.http.entry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class AdmissionTest {

  @Test
  void noMoreRequestsThanThereArePlaces() {
    Admission admission = new Admission(2, 1_000);
    Admission.Place first = admission.enter(1).orElseThrow();
    assertThat(admission.enter(1)).isPresent();

    assertThat(admission.enter(1)).isEmpty();
    first.close();
    first.close();
    assertThat(admission.enter(1)).isPresent();
    assertThat(admission.enter(1)).isEmpty();
    assertThat(admission.requests()).isEqualTo(2);
  }

  @Test
  void noMoreBytesThanThereIsRoomFor() {
    Admission admission = new Admission(10, 100);
    Admission.Place large = admission.enter(90).orElseThrow();

    assertThat(admission.enter(20)).isEmpty();
    assertThat(admission.enter(10)).isPresent();
    large.close();
    assertThat(admission.enter(20)).isPresent();
  }

  @Test
  void oneAloneMayBeLargerThanAllTheRoom() {
    assertThat(new Admission(10, 100).enter(200)).isPresent();
  }
}

package io.millrace.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HandshakeTest {

  @ParameterizedTest
  @CsvSource({
    "'203.0.113.5', 203.0.113.5",
    "'203.0.113.5, 10.0.0.1', 203.0.113.5",
    "' 2001:db8::1 ,10.0.0.1', 2001:db8::1",
    "'', 192.0.2.1",
    "' , 10.0.0.1', 192.0.2.1",
  })
  void aProxySaysForWhomItSpeaks(String forwarded, String address) {
    assertThat(
            Handshake.of("192.0.2.1", List.of(Map.entry("X-Forwarded-For", forwarded)))
                .remoteAddress())
        .isEqualTo(address);
  }

  @Test
  void withoutAProxyThePeerIsTheClient() {
    assertThat(Handshake.of("192.0.2.1", List.of()))
        .isEqualTo(new Handshake("192.0.2.1", Map.of()));
  }

  @Test
  void headersOfOneNameAreJoined() {
    List<Map.Entry<String, String>> headers =
        List.of(
            Map.entry("Accept", "a"),
            Map.entry("accept", "b"),
            Map.entry("Cookie", "c=1"),
            Map.entry("Cookie", "d=2"));

    assertThat(Handshake.of("192.0.2.1", headers).headers())
        .containsOnly(Map.entry("accept", "a, b"), Map.entry("cookie", "c=1; d=2"));
  }
}

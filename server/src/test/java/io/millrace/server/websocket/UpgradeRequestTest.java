package io.millrace.server.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.transport.Handshake;
import io.vertx.core.MultiMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UpgradeRequestTest {

  @ParameterizedTest
  @CsvSource({
    "'203.0.113.5', 203.0.113.5",
    "'203.0.113.5, 10.0.0.1', 203.0.113.5",
    "' 2001:db8::1 ,10.0.0.1', 2001:db8::1",
    "'', 192.0.2.1",
    "' , 10.0.0.1', 192.0.2.1",
  })
  void aProxySaysForWhomItSpeaks(String forwarded, String address) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("X-Forwarded-For", forwarded);

    assertThat(UpgradeRequest.handshake("192.0.2.1", headers).remoteAddress()).isEqualTo(address);
  }

  @Test
  void withoutAProxyThePeerIsTheClient() {
    assertThat(UpgradeRequest.handshake("192.0.2.1", MultiMap.caseInsensitiveMultiMap()))
        .isEqualTo(new Handshake("192.0.2.1", Map.of()));
  }

  @Test
  void headersOfOneNameAreJoined() {
    MultiMap headers =
        MultiMap.caseInsensitiveMultiMap()
            .add("Accept", "a")
            .add("accept", "b")
            .add("Cookie", "c=1")
            .add("Cookie", "d=2");

    assertThat(UpgradeRequest.handshake("192.0.2.1", headers).headers())
        .containsOnly(Map.entry("accept", "a, b"), Map.entry("cookie", "c=1; d=2"));
  }
}

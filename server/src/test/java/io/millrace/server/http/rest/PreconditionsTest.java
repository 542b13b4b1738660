package io.millrace.server.http.rest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PreconditionsTest {

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      nullValues = "-",
      value = {
        "-, -, 5, true",
        "-, -, -1, true",
        "'\"5\"', -, 5, true",
        "'\"5\"', -, 6, false",
        "'\"5\"', -, -1, false",
        "'\"4\", \"5\"', -, 5, true",
        "'W/\"5\"', -, 5, false",
        "'\"05\"', -, 5, false",
        "'5', -, 5, false",
        "'', -, 5, false",
        "*, -, 0, true",
        "*, -, -1, false",
        "-, *, -1, true",
        "-, *, 0, false",
        "-, '\"5\"', 5, false",
        "-, 'W/\"5\"', 5, false",
        "-, '\"4\"', 5, true",
        "'\"5\"', '\"5\"', 5, false",
      })
  void aWriteIsAllowedOrNot(String match, String noneMatch, int version, boolean allowed) {
    assertThat(Preconditions.read(match, noneMatch).allowWrite(version)).isEqualTo(allowed);
  }
}

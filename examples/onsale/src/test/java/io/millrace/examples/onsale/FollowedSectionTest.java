package io.millrace.examples.onsale;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.value.Json;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FollowedSectionTest {
  private final FollowedSection section = new FollowedSection();

  @BeforeEach
  void open() {
    section.start(0, json("{}"));
    section.update(1, json("{'seats':{'1-1':{'s':'available'}}}"));
  }

  @Test
  void takesTheNextChangeOfASeat() {
    JsonNode seat = section.patch(2, "seats.1-1", json("{'s':'held','n':2}"));

    assertThat(seat).isNotNull();
    assertThat(section.data().at("/seats/1-1/s").asText()).isEqualTo("held");
    assertThat(section.version()).isEqualTo(2);
    assertThat(section.delivered()).isEqualTo(2);
    assertThat(section.broken()).isZero();
  }

  @Test
  void countsVersionsThatAFullStateStandsFor() {
    section.update(5, json("{'seats':{}}"));

    assertThat(section.delivered()).isEqualTo(5);
    assertThat(section.conflated()).isEqualTo(3);
    assertThat(section.broken()).isZero();
  }

  @Test
  void noticesAChangeThatWasLeftOut() {
    assertThat(section.patch(3, "seats.1-1", json("{'s':'sold','n':3}"))).isNull();

    assertThat(section.broken()).isEqualTo(1);
    assertThat(section.version()).isEqualTo(1);
  }

  @Test
  void noticesAChangeThatTookEffectTwice() {
    section.patch(2, "seats.1-1", json("{'s':'held','n':2}"));

    assertThat(section.patch(3, "seats.1-1", json("{'s':'held','n':2}"))).isNull();
    assertThat(section.broken()).isEqualTo(1);
  }

  @Test
  void noticesAnOldState() {
    section.update(1, json("{}"));

    assertThat(section.broken()).isEqualTo(1);
  }

  private static JsonNode json(String text) {
    return Json.parse(text.replace('\'', '"')).orElseThrow();
  }
}

package io.millrace.protocol.value;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ContainerNode;
import io.millrace.protocol.value.JsonPatch.Result;
import io.millrace.protocol.value.JsonPatch.Result.Applied;
import io.millrace.protocol.value.JsonPatch.Result.Refused;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the JavaScript client does; {@code src/test/node/json-patch-cases.js} recorded it. */
class JsonPatchClientCasesTest {

  @Test
  void patchesDoWhatTheClientDoes() throws IOException {
    int applied = 0;
    int refused = 0;
    for (JsonNode recorded : cases()) {
      if (recorded.get(3).isEmpty()) {
        assertRefused(recorded);
        refused++;
      } else {
        assertApplied(recorded);
        applied++;
      }
    }
    assertThat(applied).isGreaterThan(1_000);
    assertThat(refused).isGreaterThan(200);
  }

  private static void assertApplied(JsonNode recorded) {
    String before = Json.text(recorded.get(0)).text();
    ContainerNode<?> document = (ContainerNode<?>) recorded.get(0);
    Optional<JsonPath> path = JsonPath.parse(recorded.get(1).asText());
    assertThat(path).as("path of %s", recorded).isPresent();

    Result result = JsonPatch.apply(document, path.get(), recorded.get(2).get(0));

    assertThat(result).as("result of %s", recorded).isInstanceOf(Applied.class);
    assertThat(document).as("document of %s", recorded).isEqualTo(recorded.get(3).get(0));
    Applied applied = (Applied) result;
    assertThat(applied.growth())
        .as("growth of %s", recorded)
        .isEqualTo((long) Json.text(document).text().length() - before.length());
    applied.undo().run();
    assertThat(Json.text(document).text()).as("undone %s", recorded).isEqualTo(before);
  }

  private static void assertRefused(JsonNode recorded) {
    String before = Json.text(recorded.get(0)).text();
    ContainerNode<?> document = (ContainerNode<?>) recorded.get(0);
    Optional<JsonPath> path = JsonPath.parse(recorded.get(1).asText());
    if (path.isPresent()) {
      assertThat(JsonPatch.apply(document, path.get(), recorded.get(2).get(0)))
          .as("result of %s", recorded)
          .isInstanceOf(Refused.class);
      assertThat(Json.text(document).text()).isEqualTo(before);
    }
  }

  private static JsonNode cases() throws IOException {
    try (InputStream in =
        JsonPatchClientCasesTest.class.getResourceAsStream("/json-patch-cases.json")) {
      return new ObjectMapper().readTree(Objects.requireNonNull(in));
    }
  }
}

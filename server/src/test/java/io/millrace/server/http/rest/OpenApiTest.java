package io.millrace.server.http.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.value.Json;
import io.millrace.server.config.DataSize;
import io.millrace.server.config.RecordConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class OpenApiTest {
  private static final Set<String> METHODS =
      Set.of("get", "head", "put", "post", "patch", "delete", "options");

  private final JsonNode document = Json.parse(OpenApi.read()).orElseThrow();

  @Test
  void itDescribesEveryRouteAndNoOther() {
    Set<String> described = new HashSet<>();
    document
        .get("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .fieldNames()
                    .forEachRemaining(
                        key -> {
                          if (METHODS.contains(key)) {
                            described.add(key.toUpperCase(Locale.ROOT) + " " + path.getKey());
                          }
                        }));

    RecordConfig config = new RecordConfig(new DataSize(1 << 20), List.of(), List.of(), 80);
    assertThat(
            RestApi.routes(new RecordResource(config)).stream()
                .map(route -> route.method() + " " + route.template()))
        .containsExactlyInAnyOrderElementsOf(described);
  }

  @Test
  void everythingItRefersToIsThere() {
    List<String> missing = new ArrayList<>();
    document
        .findValuesAsText("$ref")
        .forEach(
            reference -> {
              if (document.at(reference.substring(1)).isMissingNode()) {
                missing.add(reference);
              }
            });

    assertThat(missing).isEmpty();
    assertThat(document.findValuesAsText("$ref")).isNotEmpty();
  }

  @Test
  void everyOperationHasItsOwnId() {
    assertThat(document.findValuesAsText("operationId")).hasSize(10).doesNotHaveDuplicates();
  }
}

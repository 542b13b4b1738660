package io.millrace.server.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a webhook's answer means (protocol §8.2). */
final class WebhookAnswer {
  private WebhookAnswer() {}

  /** The user whom it lets in: the body is the id, or an object that tells more. */
  static AuthOutcome accepted(HttpResponse<byte[]> response) {
    JsonNode body = body(response);
    if (!(body instanceof ObjectNode told)) {
      return new AuthOutcome.Accepted(new User(id(body), null, null), null);
    }
    JsonNode token = told.path("token");
    return new AuthOutcome.Accepted(
        new User(id(told.path("id")), text(told, "clientData"), text(told, "serverData")),
        null,
        token.isTextual() ? token.textValue() : null);
  }

  private static String id(JsonNode value) {
    boolean named = (value.isTextual() || value.isNumber()) && !value.asText().isEmpty();
    return named ? value.asText() : User.NAMELESS;
  }

  /** Absent stays absent, which is not JSON's null. */
  private static @Nullable JsonText text(ObjectNode told, String name) {
    JsonNode value = told.get(name);
    return value == null ? null : Json.text(value);
  }

  /** What the client is told: text as an error, an object as it is, null for nothing. */
  static @Nullable JsonText refusal(HttpResponse<byte[]> response) {
    JsonNode body = body(response);
    if (body.isTextual()) {
      return body.textValue().isEmpty() ? null : Verdict.error(body.textValue());
    }
    return body.isObject() && !body.isEmpty() ? Json.text(body) : null;
  }

  /** JSON if it says so and is; an object also if it does not say so; else text. */
  private static JsonNode body(HttpResponse<byte[]> response) {
    String text = new String(response.body(), StandardCharsets.UTF_8);
    boolean saysJson =
        response
            .headers()
            .firstValue("content-type")
            .map(type -> type.contains("json"))
            .orElse(false);
    if (saysJson || text.stripLeading().startsWith("{")) {
      Optional<JsonNode> json = Json.parse(text);
      if (json.isPresent()) {
        return json.get();
      }
    }
    return JsonNodeFactory.instance.textNode(text);
  }
}

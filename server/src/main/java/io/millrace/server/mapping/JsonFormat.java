package io.millrace.server.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.Limits;
import io.millrace.protocol.value.Json;

/** JSON as UTF-8 text. */
public final class JsonFormat implements PayloadFormat {
  public static final PayloadFormat INSTANCE = new JsonFormat();

  private JsonFormat() {}

  @Override
  public Decoded decode(SourceMessage message, boolean isKey, byte[] bytes) {
    String what = isKey ? "key" : "payload";
    return switch (TextFormat.text(bytes, what).flatMap(text -> parse(text, what))) {
      case Attempt.Got<JsonNode>(JsonNode json) -> new Decoded.Value(json);
      case Attempt.Refused<JsonNode> refused -> new Decoded.Refused(refused.reason());
      case Attempt.Skipped<JsonNode>(String reason) -> new Decoded.Refused(reason);
      case Attempt.Unavailable<JsonNode>(String reason, var until) ->
          new Decoded.Unavailable(reason, until);
    };
  }

  private static Attempt<JsonNode> parse(String text, String what) {
    return Json.parse(text)
        .map(Attempt::got)
        .orElseGet(
            () ->
                Attempt.refused(
                    what
                        + " is not one JSON value of at most "
                        + Limits.MAX_JSON_DEPTH
                        + " levels"));
  }
}

package io.millrace.protocol.value;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.protocol.Limits;
import java.util.Optional;

/** Reading and writing JSON, with the one set of limits that holds everywhere. Thread-safe. */
public final class Json {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(Limits.MAX_JSON_DEPTH)
                          .maxStringLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          // As doubles, 1e999 would become Infinity, which JSON cannot say, and decimals would lose
          // digits.
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          // Else 100.0 would be written as 1E+2.
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private Json() {}

  /** The value that {@code text} says, or empty if it is not exactly one JSON value. */
  public static Optional<JsonNode> parse(JsonText text) {
    return parse(text.text());
  }

  /** As {@link #parse(JsonText)}. */
  public static Optional<JsonNode> parse(String text) {
    try {
      JsonNode value = MAPPER.readTree(text);
      return value == null || value.isMissingNode() ? Optional.empty() : Optional.of(value);
    } catch (JsonProcessingException | NumberFormatException | ArithmeticException e) {
      // The last two: a number whose exponent no decimal can hold.
      return Optional.empty();
    }
  }

  /** {@code value} as JSON text. */
  public static JsonText text(JsonNode value) {
    try {
      return new JsonText(MAPPER.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree that cannot be written", e);
    }
  }
}

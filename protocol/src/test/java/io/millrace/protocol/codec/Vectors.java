package io.millrace.protocol.codec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.StreamSupport;

/** The recorded frames of the JavaScript message builder: {@code protocol-vectors.json}. */
final class Vectors {
  private static final JsonNode FILE = read();

  private Vectors() {}

  /** One recorded frame. */
  record Vector(String id, String direction, int topic, int action, byte[] frame, JsonNode fields) {
    boolean isFromClient() {
      return !direction.equals("server->client");
    }

    boolean isFromServer() {
      return !direction.equals("client->server");
    }

    @Override
    public String toString() {
      return id;
    }
  }

  static List<Vector> all() {
    return StreamSupport.stream(FILE.get("vectors").spliterator(), false)
        .map(
            v ->
                new Vector(
                    v.get("id").asText(),
                    v.get("direction").asText(),
                    v.at("/topic/number").asInt(),
                    v.at("/action/number").asInt(),
                    HexFormat.of().parseHex(v.get("hex").asText()),
                    v.get("fields")))
        .toList();
  }

  static byte[] malformed(String id) {
    for (JsonNode entry : FILE.get("malformed")) {
      if (entry.get("id").asText().equals(id)) {
        return HexFormat.of().parseHex(entry.get("hex").asText());
      }
    }
    throw new IllegalArgumentException(id);
  }

  static List<String> malformedIds() {
    return FILE.get("malformed").findValuesAsText("id");
  }

  private static JsonNode read() {
    try (InputStream in = Vectors.class.getResourceAsStream("/protocol-vectors.json")) {
      return new ObjectMapper().readTree(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

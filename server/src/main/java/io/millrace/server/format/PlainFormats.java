package io.millrace.server.format;

import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.protocol.Limits;
import io.millrace.protocol.value.Json;
import io.millrace.server.mapping.PayloadFormat.Decoded;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/** Bytes that say what they are without a schema. */
final class PlainFormats {
  private PlainFormats() {}

  static Decoded text(byte[] bytes, int at) {
    return utf8(bytes, at, text -> new Decoded.Value(TextNode.valueOf(text)));
  }

  static Decoded json(byte[] bytes, int at) {
    return utf8(
        bytes,
        at,
        text ->
            Json.parse(text)
                .<Decoded>map(Decoded.Value::new)
                .orElseGet(
                    () ->
                        new Decoded.Refused(
                            "is not one JSON value of at most "
                                + Limits.MAX_JSON_DEPTH
                                + " levels")));
  }

  private static Decoded utf8(byte[] bytes, int at, Function<String, Decoded> next) {
    try {
      // Unlike new String(...), a fresh decoder reports bad bytes instead of replacing them.
      return next.apply(
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes, at, bytes.length - at))
              .toString());
    } catch (CharacterCodingException e) {
      return new Decoded.Refused("is not UTF-8");
    }
  }
}

package io.millrace.server.mapping;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** UTF-8 text: one JSON string, whatever it says. */
public final class TextFormat implements PayloadFormat {
  public static final PayloadFormat INSTANCE = new TextFormat();

  private TextFormat() {}

  @Override
  public Decoded decode(SourceMessage message, boolean isKey, byte[] bytes) {
    return switch (text(bytes, isKey ? "key" : "payload")) {
      case Attempt.Got<String>(String text) ->
          new Decoded.Value(JsonNodeFactory.instance.textNode(text));
      case Attempt.Refused<String> refused -> new Decoded.Refused(refused.reason());
      case Attempt.Skipped<String>(String reason) -> new Decoded.Refused(reason);
      case Attempt.Unavailable<String>(String reason, var until) ->
          new Decoded.Unavailable(reason, until);
    };
  }

  /** The text that the bytes are. */
  static Attempt<String> text(byte[] bytes, String what) {
    try {
      // Unlike new String(...), a fresh decoder reports bad bytes instead of replacing them.
      return Attempt.got(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return Attempt.refused(what + " is not UTF-8");
    }
  }
}

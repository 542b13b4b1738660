package io.millrace.protocol.value;

/**
 * Text that travels in a field whose content is JSON. It is carried unparsed, because most of it is
 * passed on as it came; whoever received it from a client has to {@linkplain Json#parse parse} it
 * before it is forwarded: text that is no JSON breaks the clients that get it (protocol §1.6).
 */
public record JsonText(String text) {
  public static final JsonText EMPTY_OBJECT = new JsonText("{}");
  public static final JsonText NULL = new JsonText("null");

  /** Says how long the text is and not what it says: payloads do not belong in logs. */
  @Override
  public String toString() {
    return "JsonText[" + text.length() + " characters]";
  }
}

package io.millrace.protocol.codec;

import org.jspecify.annotations.Nullable;

/** The outer message of a frame: which topic, and the bytes of the body (protocol §1.2). */
record Envelope(int topic, WireInput body) {

  /** An absent topic reads as 0, which is no topic; an absent body as an empty one. */
  static Envelope read(byte[] frame) {
    WireInput in = WireInput.envelope(frame);
    int topic = 0;
    @Nullable WireInput body = null;
    while (in.hasMore()) {
      int tag = in.tag();
      if (tag == Wire.tag(Wire.TOPIC, Wire.VARINT)) {
        topic = (int) in.varint();
      } else if (tag == Wire.tag(Wire.BODY, Wire.LENGTH_DELIMITED)) {
        body = in.nested();
      } else {
        in.skip(tag & 7);
      }
    }
    return new Envelope(topic, body == null ? WireInput.empty() : body);
  }
}

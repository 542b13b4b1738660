package io.millrace.protocol.codec;

import io.millrace.protocol.Limits;
import org.jspecify.annotations.Nullable;

/** The outer message of a binary frame: which topic, and the bytes of the body (protocol §1.2). */
record BinaryEnvelope(int topic, WireInput body) implements Envelope {

  /** An absent topic reads as 0, which is no topic; an absent body as an empty one. */
  static BinaryEnvelope read(byte[] frame) {
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
    return new BinaryEnvelope(topic, body == null ? WireInput.empty() : body);
  }

  /** The last of repeated fields counts; a field of another wire type is not known. */
  @Override
  public void fill(Body target) {
    while (body.hasMore()) {
      int tag = body.tag();
      Field field = target.layout().field(tag >>> 3);
      if (field == null || field.kind().wireType() != (tag & 7)) {
        body.skip(tag & 7);
      } else {
        read(field, target);
      }
    }
  }

  private void read(Field field, Body target) {
    switch (field.kind()) {
      case NUMBER -> target.putNumber(field, (int) body.varint());
      case FLAG -> target.putFlag(field, body.varint() != 0);
      case TEXT -> target.putText(field, body.text());
      case TEXTS -> readText(field, target);
      case VERSIONS -> readVersion(body.nested(), target);
    }
  }

  /** One text more than is allowed is kept, which tells that there were too many. */
  private void readText(Field field, Body target) {
    if (target.texts(field).size() <= Limits.MAX_NAMES_PER_REQUEST) {
      target.addText(field, body.text());
    } else {
      body.skip(Wire.LENGTH_DELIMITED);
    }
  }

  private static void readVersion(WireInput entry, Body target) {
    String name = "";
    int version = 0;
    while (entry.hasMore()) {
      int tag = entry.tag();
      if (tag == Wire.tag(Wire.KEY, Wire.LENGTH_DELIMITED)) {
        name = entry.text();
      } else if (tag == Wire.tag(Wire.VALUE, Wire.VARINT)) {
        version = (int) entry.varint();
      } else {
        entry.skip(tag & 7);
      }
    }
    if (target.versions().size() <= Limits.MAX_NAMES_PER_REQUEST) {
      target.addVersion(name, version);
    }
  }
}

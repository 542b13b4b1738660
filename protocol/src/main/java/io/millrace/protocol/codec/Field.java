package io.millrace.protocol.codec;

/** Every field that a body may have, whatever its number in a topic is (protocol §1.4). */
enum Field {
  ACTION(Kind.NUMBER),
  DATA(Kind.TEXT),
  CORRELATION_ID(Kind.TEXT),
  IS_ERROR(Kind.FLAG),
  IS_ACK(Kind.FLAG),
  NAME(Kind.TEXT),
  NAMES(Kind.TEXTS),
  SUBSCRIPTION(Kind.TEXT),
  ORIGINAL_TOPIC(Kind.NUMBER),
  ORIGINAL_ACTION(Kind.NUMBER),
  URL(Kind.TEXT),
  PROTOCOL_VERSION(Kind.TEXT),
  SDK_VERSION(Kind.TEXT),
  SDK_TYPE(Kind.TEXT),
  PATTERN(Kind.TEXT),
  IS_WRITE_ACK(Kind.FLAG),
  PATH(Kind.TEXT),
  VERSION(Kind.NUMBER),
  VERSIONS(Kind.VERSIONS),
  REQUESTOR_NAME(Kind.TEXT),
  REQUESTOR_DATA(Kind.TEXT);

  /** How the content of a field is written. */
  enum Kind {
    NUMBER(Wire.VARINT),
    FLAG(Wire.VARINT),
    TEXT(Wire.LENGTH_DELIMITED),
    TEXTS(Wire.LENGTH_DELIMITED),
    VERSIONS(Wire.LENGTH_DELIMITED);

    private final int wireType;

    Kind(int wireType) {
      this.wireType = wireType;
    }

    int wireType() {
      return wireType;
    }
  }

  private final Kind kind;

  Field(Kind kind) {
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }
}

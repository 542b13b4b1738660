package io.millrace.protocol.codec;

/**
 * Every field that a body may have, whatever its number in a topic is (protocol §1.4), and what it
 * is called where fields have names (§1.11).
 */
enum Field {
  ACTION(Kind.NUMBER, "action"),
  DATA(Kind.TEXT, "data"),
  CORRELATION_ID(Kind.TEXT, "correlationId"),
  IS_ERROR(Kind.FLAG, "isError"),
  IS_ACK(Kind.FLAG, "isAck"),
  NAME(Kind.TEXT, "name"),
  NAMES(Kind.TEXTS, "names"),
  SUBSCRIPTION(Kind.TEXT, "subscription"),
  ORIGINAL_TOPIC(Kind.NUMBER, "originalTopic"),
  ORIGINAL_ACTION(Kind.NUMBER, "originalAction"),
  URL(Kind.TEXT, "url"),
  PROTOCOL_VERSION(Kind.TEXT, "protocolVersion"),
  SDK_VERSION(Kind.TEXT, "sdkVersion"),
  SDK_TYPE(Kind.TEXT, "sdkType"),
  PATTERN(Kind.TEXT, "pattern"),
  IS_WRITE_ACK(Kind.FLAG, "isWriteAck"),
  PATH(Kind.TEXT, "path"),
  VERSION(Kind.NUMBER, "version"),
  VERSIONS(Kind.VERSIONS, "versions"),
  REQUESTOR_NAME(Kind.TEXT, "requestorName"),
  REQUESTOR_DATA(Kind.TEXT, "requestorData");

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
  private final String jsonName;

  Field(Kind kind, String jsonName) {
    this.kind = kind;
    this.jsonName = jsonName;
  }

  Kind kind() {
    return kind;
  }

  String jsonName() {
    return jsonName;
  }
}

package io.millrace.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ConnectionRequest;
import io.millrace.protocol.EventAction;
import io.millrace.protocol.Limits;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.RpcAction;
import io.millrace.protocol.Topic;
import io.millrace.protocol.codec.DecodeResult.Decoded;
import io.millrace.protocol.codec.DecodeResult.Reason;
import io.millrace.protocol.codec.DecodeResult.Refused;
import io.millrace.protocol.value.RecordName;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MalformedFramesTest {

  @Test
  void everyRecordedOneIsTestedHere() {
    assertThat(Vectors.malformedIds())
        .containsExactlyInAnyOrder(
            "bad-empty",
            "bad-garbage",
            "bad-topic-50",
            "bad-topic-11",
            "bad-action-90",
            "bad-two-in-one",
            "bad-trailing",
            "bad-unknown-field",
            "bad-no-version");
  }

  @ParameterizedTest
  @CsvSource({
    "bad-empty,         UNREADABLE,     -1, -1",
    "bad-garbage,       UNREADABLE,     -1, -1",
    "bad-topic-50,      UNKNOWN_TOPIC,  50, -1",
    "bad-topic-11,      UNKNOWN_TOPIC,  11, -1",
    "bad-action-90,     UNKNOWN_ACTION,  5, 90",
    "bad-unknown-field, INVALID_FIELDS,  4,  2",
  })
  void recordedOnesAreRefused(String id, Reason reason, int topic, int action) {
    Refused<ClientMessage> refused = refused(Vectors.malformed(id));

    assertThat(refused.reason()).isEqualTo(reason);
    assertThat(refused.topic()).isEqualTo(topic);
    assertThat(refused.action()).isEqualTo(action);
  }

  @Test
  void anUnknownFieldIsSkippedAndOnlyTheNameIsMissed() {
    assertThat(refused(Vectors.malformed("bad-unknown-field")).detail())
        .isEqualTo("NAME is missing");
  }

  @Test
  void onlyTheFirstOfTwoMessagesIsRead() {
    // EVENT LISTEN "one", then "two".
    assertThat(decoded(Vectors.malformed("bad-two-in-one")).toString())
        .contains("one")
        .doesNotContain("two");
  }

  @Test
  void trailingBytesAreIgnored() {
    assertThat(decoded(Vectors.malformed("bad-trailing"))).isEqualTo(new ConnectionRequest.Ping());
  }

  @Test
  void aServerMustWriteTheVersion() {
    byte[] frame = Vectors.malformed("bad-no-version");

    assertThat(BinaryCodec.decodeServer(frame))
        .isEqualTo(
            new Refused<>(
                Reason.INVALID_FIELDS,
                Topic.RECORD.number(),
                RecordAction.READ_RESPONSE.number(),
                "r1",
                null,
                false,
                "VERSION is missing"));
    assertThat(decoded(frame)).isEqualTo(new RecordRequest.Unexpected(RecordAction.READ_RESPONSE));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8, 9, 10, 11, 12, 100, -1, Integer.MAX_VALUE})
  void clientsMayNotUseOtherTopics(int topic) {
    String varint = topic < 0 ? "ffffffffffffffffff01" : HexFormat.of().formatHex(varint(topic));
    Refused<ClientMessage> refused = refused(delimited("10" + varint + "1a020801"));

    assertThat(refused.reason()).isEqualTo(Reason.UNKNOWN_TOPIC);
    assertThat(refused.topic()).isEqualTo(topic);
  }

  @Test
  void anAbsentTopicIsUnknown() {
    assertThat(refused(delimited("")).reason()).isEqualTo(Reason.UNKNOWN_TOPIC);
    assertThat(refused(delimited("1a020802")).reason()).isEqualTo(Reason.UNKNOWN_TOPIC);
  }

  @Test
  void serversMayUseTopicParser() {
    assertThat(BinaryCodec.decodeServer(delimited("10011a020801"))).isInstanceOf(Decoded.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1005",
        "10051a00",
        "10051a020800",
        "10051a03320178",
        "10051a0b08ffffffffffffffffff01"
      })
  void anActionThatIsMissingOrUnknownIsRefused(String envelope) {
    assertThat(refused(delimited(envelope)).reason()).isEqualTo(Reason.UNKNOWN_ACTION);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10", // a tag and no value
        "10ffffffffffffffffffff01", // a number of eleven bytes
        "10051a05080232", // the body is longer than the frame
        "10051a040802320a", // the name is longer than the body
        "10051a07080232ffffffff0f", // ... by far
        "10051a0c080232ffffffffffffffffff01", // ... its length is negative
        "10051a0308027b", // a group starts
        "10051a0308027c", // a group ends
        "10051a0308027e", // wire type 6
        "10051a0308027f", // wire type 7
        "10051a0408020001", // field 0
        "10051a0508027d0102", // a fixed32 is cut short
        "10051a050802790102", // a fixed64 is cut short
        "10051a05080332 01ff", // a name that is not UTF-8
        "10051a0708033203eda080", // a lone surrogate
        "10051a0608033202c0af", // an overlong encoding
        "10051a0608033202e29c", // a character is cut short
      })
  void unreadableFramesAreRefused(String envelope) {
    assertThat(refused(delimited(envelope.replace(" ", ""))).reason()).isEqualTo(Reason.UNREADABLE);
  }

  @Test
  void aReplacementCharacterThatWasSentIsKept() {
    RecordRequest.Read message = new RecordRequest.Read(new RecordName("a\uFFFDb"));
    assertThat(decoded(BinaryCodec.encode(message))).isEqualTo(message);
  }

  @Test
  void unknownFieldsOfEveryWireTypeAreSkipped() {
    String unknown = "f8010a" + "7d01020304" + "79" + "01".repeat(8) + "7a03616263";
    assertThat(decoded(delimited("0801" + "1005" + "1a1b" + "0803" + unknown + "320178")))
        .isEqualTo(new RecordRequest.Read(new RecordName("x")));
  }

  @Test
  void aFieldOfAnotherWireTypeIsSkipped() {
    // The name as a number, the version as a text.
    assertThat(decoded(delimited("1005" + "1a0a" + "0803" + "3001" + "6a0178" + "320178")))
        .isEqualTo(new RecordRequest.Read(new RecordName("x")));
  }

  @Test
  void theLastOfRepeatedFieldsCounts() {
    assertThat(decoded(delimited("1003" + "1005" + "1a08" + "0803" + "320178" + "320179")))
        .isEqualTo(new RecordRequest.Read(new RecordName("y")));
  }

  @Test
  void anInvalidFieldLeavesTheOthersToAnswerWith() {
    Body body =
        Body.of(RecordAction.LISTEN_ACCEPT)
            .putText(Field.NAME, "pattern")
            .putText(Field.CORRELATION_ID, "7")
            .putFlag(Field.IS_WRITE_ACK, true);

    assertThat(refused(FrameWriter.frame(body)))
        .isEqualTo(
            new Refused<>(
                Reason.INVALID_FIELDS,
                Topic.RECORD.number(),
                RecordAction.LISTEN_ACCEPT.number(),
                "pattern",
                "7",
                true,
                "SUBSCRIPTION is missing"));
  }

  @Test
  void namesHaveALimit() {
    String longest = "x".repeat(Limits.MAX_NAME_LENGTH);
    assertThat(decoded(read(longest))).isEqualTo(new RecordRequest.Read(new RecordName(longest)));
    for (String name : List.of(longest + "x", "")) {
      assertThat(refused(read(name)).reason()).isEqualTo(Reason.INVALID_FIELDS);
      assertThat(refused(read(name)).name()).isNull();
    }
  }

  @Test
  void correlationIdsHaveALimit() {
    Body body =
        Body.of(RpcAction.PROVIDE)
            .putText(Field.CORRELATION_ID, "x".repeat(Limits.MAX_CORRELATION_ID_LENGTH + 1));

    assertThat(refused(FrameWriter.frame(body)).reason()).isEqualTo(Reason.INVALID_FIELDS);
    assertThat(refused(FrameWriter.frame(body)).correlationId()).isNull();
  }

  @Test
  void theNumberOfNamesHasALimit() {
    assertThat(decoded(subscribe(Limits.MAX_NAMES_PER_REQUEST)).toString()).contains("Bulk");
    Refused<ClientMessage> refused = refused(subscribe(Limits.MAX_NAMES_PER_REQUEST + 1));
    assertThat(refused.reason()).isEqualTo(Reason.INVALID_FIELDS);
    assertThat(refused.correlationId()).isEqualTo("0");
  }

  @Test
  void anErasesDataMeansNothing() {
    Body body =
        Body.of(RecordAction.ERASE)
            .putText(Field.NAME, "r")
            .putText(Field.PATH, "a")
            .putText(Field.DATA, "1");

    assertThat(((RecordRequest.Patch) decoded(FrameWriter.frame(body))).data()).isNull();
  }

  private static byte[] read(String name) {
    return FrameWriter.frame(Body.of(RecordAction.READ).putText(Field.NAME, name));
  }

  private static byte[] subscribe(int names) {
    return FrameWriter.frame(
        Body.of(EventAction.SUBSCRIBE)
            .putText(Field.CORRELATION_ID, "0")
            .putTexts(Field.NAMES, Collections.nCopies(names, "e")));
  }

  private static ClientMessage decoded(byte[] frame) {
    assertThat(BinaryCodec.decodeClient(frame)).isInstanceOf(Decoded.class);
    return ((Decoded<ClientMessage>) BinaryCodec.decodeClient(frame)).message();
  }

  private static Refused<ClientMessage> refused(byte[] frame) {
    assertThat(BinaryCodec.decodeClient(frame))
        .as(new String(frame, StandardCharsets.ISO_8859_1))
        .isInstanceOf(Refused.class);
    return (Refused<ClientMessage>) BinaryCodec.decodeClient(frame);
  }

  private static byte[] delimited(String envelope) {
    byte[] content = HexFormat.of().parseHex(envelope);
    byte[] prefix = varint(content.length);
    byte[] frame = new byte[prefix.length + content.length];
    System.arraycopy(prefix, 0, frame, 0, prefix.length);
    System.arraycopy(content, 0, frame, prefix.length, content.length);
    return frame;
  }

  private static byte[] varint(int value) {
    byte[] bytes = new byte[Wire.varintSize(value)];
    int rest = value;
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) ((rest & 0x7f) | (i == bytes.length - 1 ? 0 : 0x80));
      rest >>>= 7;
    }
    return bytes;
  }
}

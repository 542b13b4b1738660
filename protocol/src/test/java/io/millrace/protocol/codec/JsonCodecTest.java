package io.millrace.protocol.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ConnectionRequest;
import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventPush;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.Limits;
import io.millrace.protocol.ParserAction;
import io.millrace.protocol.ParserReply;
import io.millrace.protocol.PresencePush;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.codec.DecodeResult.Decoded;
import io.millrace.protocol.codec.DecodeResult.Reason;
import io.millrace.protocol.codec.DecodeResult.Refused;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonCodecTest {
  private static final RecordName NAME = new RecordName("r");

  // --- what clients say

  @Test
  void aMessageOfTheNpmClientIsRead() {
    assertThat(
            decoded(
                """
                {"topic":5,"action":19,"version":2,"name":"r","path":"a","parsedData":{"n":1},\
                "isWriteAck":true,"correlationId":"7","data":"{\\"n\\":1}","isAck":false}\
                """))
        .isEqualTo(
            new RecordRequest.Patch(
                RecordAction.PATCH,
                NAME,
                2,
                "a",
                new JsonText("{\"n\":1}"),
                new WriteAckRequest(true, "7")));
  }

  @Test
  void theTopicMayStandLast() {
    assertThat(decoded("{\"name\":\"r\",\"version\":3,\"action\":3,\"topic\":5}"))
        .isEqualTo(new RecordRequest.Read(NAME));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "0",
        "false",
        "\"\"",
        "\"text\"",
        "-0.0",
        "1.50",
        "1e400",
        "123456789012345678901234567890.123456789012345678901234567890",
        "[1, {\"a\" : [ ] } ]",
        "{ \"a\":\"\\u00e9\\ud800\", \"b\":[] }",
        "\"é😀\\n\"",
      })
  void parsedDataIsTakenAsItIsWrittenAndWinsOverData(String value) {
    for (String frame :
        List.of(
            "{\"topic\":4,\"action\":2,\"name\":\"e\",\"parsedData\":%s}",
            "{\"topic\":4,\"action\":2,\"name\":\"e\",\"parsedData\": %s ,\"data\":\"1\"}",
            "{\"data\":\"1\",\"parsedData\" :\t%s\n, \"topic\":4,\"action\":2,\"name\":\"e\"}",
            "{\"x\":\""
                + "é".repeat(100_000)
                + "\",\"parsedData\":%s,\"topic\":4,\"action\":2,"
                + "\"name\":\"e\"}")) {
      assertThat(decoded(frame.formatted(value)))
          .isEqualTo(new EventRequest.Emit("e", new JsonText(value)));
    }
  }

  @Test
  void longParsedDataIsTakenWhole() {
    String value = "[\"" + "😀é".repeat(200_000) + "\"," + "7".repeat(5_000) + "]";

    assertThat(decoded(emit("\"parsedData\":" + value)))
        .isEqualTo(new EventRequest.Emit("e", new JsonText(value)));
  }

  @Test
  void dataIsTextThatIsNotLookedAt() {
    assertThat(decoded(emit("\"data\":\"{bad\""))).isEqualTo(emitted("{bad"));
    assertThat(decoded(emit("\"x\":0"))).isEqualTo(new EventRequest.Emit("e", null));
  }

  @Test
  void aPayloadThatIsTooDeepIsLeftToWhoeverParsesIt() {
    String deep = "[".repeat(Limits.MAX_JSON_DEPTH + 1) + "]".repeat(Limits.MAX_JSON_DEPTH + 1);

    assertThat(decoded(emit("\"parsedData\":" + deep))).isEqualTo(emitted(deep));
  }

  @Test
  void aFrameHasALimitOfDepth() {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);

    assertThat(refused(emit("\"parsedData\":" + deep)).reason()).isEqualTo(Reason.UNREADABLE);
    assertThat(refused(emit("\"unknown\":" + deep)).reason()).isEqualTo(Reason.UNREADABLE);
  }

  @Test
  void unknownKeysAreIgnoredAndNullsAreNotThere() {
    assertThat(
            decoded(
                "{\"a\":{\"name\":[1]},\"topic\":5,\"requestorName\":7,\"action\":3,\"b\":[{}],"
                    + "\"name\":\"r\",\"version\":null,\"correlationId\":null,\"names\":null}"))
        .isEqualTo(new RecordRequest.Read(NAME));
  }

  @Test
  void theLastOfRepeatedKeysCounts() {
    assertThat(
            decoded(
                "{\"topic\":9,\"action\":1,\"name\":1,\"topic\":5,\"action\":3,\"name\":\"r\"}"))
        .isEqualTo(new RecordRequest.Read(NAME));
  }

  // --- what is refused

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "x",
        "{",
        "{}x",
        "{}{}",
        "[]",
        "[{}]",
        "1",
        "null",
        "\"{}\"",
        "{'topic':2}",
        "{topic:2}",
        "{\"topic\":2,}",
        "{\"topic\":02}",
        "{\"topic\":NaN}",
        "{\"topic\":2 \"action\":2}",
        "{\"topic\":2,\"action\":2,\"parsedData\":\"a\nb\"}",
        "{\"topic\":2,\"action\":2,\"parsedData\":[1,]}",
        "{\"topic\":2,\"action\":2,\"x\":\"\\x\"}",
        "{\"topic\":2,\"action\":2}//",
        "\uFEFF{\"topic\":2,\"action\":2}",
      })
  void whatIsNoJsonObjectIsUnreadable(String text) {
    assertThat(refused(text))
        .extracting(Refused::reason, Refused::topic, Refused::action)
        .containsExactly(Reason.UNREADABLE, -1, -1);
  }

  @Test
  void whatIsNoUtf8IsUnreadable() {
    byte[] frame = "{\"topic\":5,\"action\":3,\"name\":\"\u00ff\"}".getBytes(ISO_8859_1);

    assertThat(JsonCodec.decodeClient(frame))
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.reason()).isEqualTo(Reason.UNREADABLE));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                             | UNKNOWN_TOPIC  | 0  | -1",
        "{'action':2}                   | UNKNOWN_TOPIC  | 0  | -1",
        "{'topic':'5','action':3}       | UNKNOWN_TOPIC  | 0  | -1",
        "{'topic':5.0,'action':3}       | UNKNOWN_TOPIC  | 0  | -1",
        "{'topic':4294967301,'action':3}| UNKNOWN_TOPIC  | 0  | -1",
        "{'topic':50,'action':3}        | UNKNOWN_TOPIC  | 50 | -1",
        "{'topic':11,'action':3}        | UNKNOWN_TOPIC  | 11 | -1",
        "{'topic':1,'action':1}         | UNKNOWN_TOPIC  | 1  | -1",
        "{'topic':5}                    | UNKNOWN_ACTION | 5  | 0",
        "{'topic':5,'action':90}        | UNKNOWN_ACTION | 5  | 90",
        "{'topic':5,'action':-1}        | UNKNOWN_ACTION | 5  | -1",
        "{'topic':5,'action':'3'}       | UNKNOWN_ACTION | 5  | 0",
        "{'topic':5,'action':{}}        | UNKNOWN_ACTION | 5  | 0",
        "{'topic':5,'action':3}         | INVALID_FIELDS | 5  | 3",
        "{'topic':5,'action':3,'name':''} | INVALID_FIELDS | 5 | 3",
        "{'topic':5,'action':3,'name':7}  | INVALID_FIELDS | 5 | 3",
        "{'topic':4,'action':3,'names':'e'}  | INVALID_FIELDS | 4 | 3",
        "{'topic':4,'action':3,'names':[1]}  | INVALID_FIELDS | 4 | 3",
        "{'topic':4,'action':3,'names':['']} | INVALID_FIELDS | 4 | 3",
        "{'topic':4,'action':2,'name':'e','data':{}} | INVALID_FIELDS | 4 | 2",
      })
  void theRestIsRefusedAsInTheBinaryCodec(String text, Reason reason, int topic, int action) {
    assertThat(refused(text.replace('\'', '"')))
        .extracting(Refused::reason, Refused::topic, Refused::action)
        .containsExactly(reason, topic, action);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"2\"", "2.0", "2147483648", "1e1", "true", "[2]", "{}"})
  void aFieldOfAWrongKindIsRefusedByTheNameOfTheRequest(String version) {
    assertThat(
            refused(
                "{\"version\":"
                    + version
                    + ",\"isWriteAck\":true,\"topic\":5,\"action\":18,"
                    + "\"parsedData\":{},\"correlationId\":\"7\",\"name\":\"r\"}"))
        .isEqualTo(
            new Refused<>(
                Reason.INVALID_FIELDS,
                5,
                RecordAction.UPDATE.number(),
                "r",
                "7",
                true,
                "VERSION is of the wrong kind"));
  }

  @Test
  void halfASurrogatePairIsNoName() {
    for (String half : List.of("\\ud83d", "a\\ude00", "\\ude00\\ud83d")) {
      String frame = "{\"topic\":5,\"action\":3,\"name\":\"%s\"}".formatted(half);
      assertThat(refused(frame).reason()).isEqualTo(Reason.INVALID_FIELDS);
      assertThat(refused(frame).name()).isNull();
    }
    assertThat(decoded("{\"topic\":5,\"action\":3,\"name\":\"\\ud83d\\ude00\"}"))
        .isEqualTo(new RecordRequest.Read(new RecordName("😀")));
  }

  @Test
  void namesHaveTheLimitsOfTheBinaryCodec() {
    String longest = "é".repeat(Limits.MAX_NAME_LENGTH);
    assertThat(decoded("{\"topic\":5,\"action\":3,\"name\":\"" + longest + "\"}"))
        .isEqualTo(new RecordRequest.Read(new RecordName(longest)));
    assertThat(refused("{\"topic\":5,\"action\":3,\"name\":\"" + longest + "x\"}").reason())
        .isEqualTo(Reason.INVALID_FIELDS);

    assertThat(decoded(subscribe(Limits.MAX_NAMES_PER_REQUEST)))
        .isInstanceOf(EventRequest.Bulk.class);
    for (int more : new int[] {1, 1_000}) {
      Refused<ClientMessage> refused = refused(subscribe(Limits.MAX_NAMES_PER_REQUEST + more));
      assertThat(refused.reason()).isEqualTo(Reason.INVALID_FIELDS);
      assertThat(refused.correlationId()).isEqualTo("0");
    }
  }

  @Test
  void refusalsDoNotQuoteTheFrame() {
    assertThat(refused("{\"secret").detail()).doesNotContain("secret");
    assertThat(refused("{\"topic\":5,\"action\":3,\"name\":{\"secret\":1}}").detail())
        .doesNotContain("secret");
  }

  // --- what a server says

  @Test
  void dataIsWrittenAsText() {
    assertThat(
            text(new RecordPush.Patch(NAME, 0, "a.b", new JsonText("{\"é\":[1e400,\"\\ud800\"]}"))))
        .isEqualTo(
            "{\"topic\":5,\"action\":19,\"data\":\"{\\\"é\\\":[1e400,\\\"\\\\ud800\\\"]}\","
                + "\"name\":\"r\",\"path\":\"a.b\",\"version\":0}");
  }

  @Test
  void acksSayThatTheyAre() {
    assertThat(text(new EventPush.Ack(EventAction.SUBSCRIBE, null, "0")))
        .isEqualTo("{\"topic\":4,\"action\":3,\"correlationId\":\"0\",\"isAck\":true}");
  }

  @Test
  void emptyContainersThatTheClientReadsAreThere() {
    assertThat(text(new PresencePush.QueryAllResponse(List.of())))
        .isEqualTo("{\"topic\":7,\"action\":3,\"names\":[]}");
    assertThat(text(new RecordPush.HeadResponseBulk(Map.of())))
        .isEqualTo("{\"topic\":5,\"action\":8,\"versions\":{}}");
    assertThat(text(new PresencePush.QueryAllResponse(List.of("ada"))))
        .isEqualTo("{\"topic\":7,\"action\":3,\"names\":[\"ada\"]}");
    assertThat(text(new RecordPush.HeadResponseBulk(Map.of("r", -1))))
        .isEqualTo("{\"topic\":5,\"action\":8,\"versions\":{\"r\":-1}}");
  }

  @Test
  void theOriginalTopicIsSpelledAsTheClientSpellsIt() {
    assertThat(text(new ParserReply(ParserAction.UNKNOWN_ACTION, 5, 90)))
        .isEqualTo("{\"topic\":1,\"action\":2,\"originalTopic\":5,\"originalAction\":90}");
  }

  @Test
  void theDataOfACallerIsText() {
    assertThat(text(new RpcPush.Call("f", "1", null, "ada", new JsonText("{\"a\":1}"))))
        .isEqualTo(
            "{\"topic\":6,\"action\":2,\"correlationId\":\"1\",\"name\":\"f\","
                + "\"requestorName\":\"ada\",\"requestorData\":\"{\\\"a\\\":1}\"}");
  }

  /** As in the binary codec, where UTF-8 cannot say it either. */
  @Test
  void halfASurrogatePairInAPayloadBecomesAQuestionMark() {
    assertThat(text(new EventPush.Emit("e", new JsonText("\"\ud800\""))))
        .isEqualTo("{\"topic\":4,\"action\":2,\"data\":\"\\\"?\\\"\",\"name\":\"e\"}");
  }

  @Test
  void onlyBinaryFramesBecomeJson() {
    assertThatThrownBy(() -> JsonCodec.fromBinary(new byte[] {1, 2, 3}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> JsonCodec.fromBinary(new byte[] {2, 0x10, 50}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(JsonCodec.fromBinary(BinaryCodec.encode(new ConnectionRequest.Ping())))
        .isEqualTo("{\"topic\":2,\"action\":2}".getBytes(UTF_8));
  }

  private static String emit(String member) {
    return "{\"topic\":4,\"action\":2,\"name\":\"e\"," + member + "}";
  }

  private static EventRequest.Emit emitted(String data) {
    return new EventRequest.Emit("e", new JsonText(data));
  }

  private static String subscribe(int names) {
    return "{\"topic\":4,\"action\":3,\"names\":["
        + String.join(",", Collections.nCopies(names, "\"e\""))
        + "],\"correlationId\":\"0\"}";
  }

  private static String text(ServerMessage message) {
    return new String(JsonCodec.encode(message), UTF_8);
  }

  private static ClientMessage decoded(String text) {
    DecodeResult<ClientMessage> result = JsonCodec.decodeClient(text.getBytes(UTF_8));
    assertThat(result).isInstanceOf(Decoded.class);
    return ((Decoded<ClientMessage>) result).message();
  }

  private static Refused<ClientMessage> refused(String text) {
    DecodeResult<ClientMessage> result = JsonCodec.decodeClient(text.getBytes(UTF_8));
    assertThat(result).isInstanceOf(Refused.class);
    return (Refused<ClientMessage>) result;
  }
}

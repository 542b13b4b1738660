package io.millrace.protocol.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.PresenceAction;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.codec.DecodeResult.Decoded;
import io.millrace.protocol.codec.Vectors.Vector;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class VectorsTest {

  /** Frames with a field that means nothing there, so that messages do not keep it. */
  private static final Map<String, String> MEANINGLESS =
      Map.of("rec-patch-broadcast-ref", "isWriteAck:false in a broadcast");

  private static final Map<Field, String> JSON_NAMES =
      Map.ofEntries(
          Map.entry(Field.DATA, "data"),
          Map.entry(Field.CORRELATION_ID, "correlationId"),
          Map.entry(Field.IS_ERROR, "isError"),
          Map.entry(Field.IS_ACK, "isAck"),
          Map.entry(Field.NAME, "name"),
          Map.entry(Field.NAMES, "names"),
          Map.entry(Field.SUBSCRIPTION, "subscription"),
          Map.entry(Field.ORIGINAL_TOPIC, "originalTOPIC"),
          Map.entry(Field.ORIGINAL_ACTION, "originalAction"),
          Map.entry(Field.URL, "url"),
          Map.entry(Field.PROTOCOL_VERSION, "protocolVersion"),
          Map.entry(Field.SDK_VERSION, "sdkVersion"),
          Map.entry(Field.SDK_TYPE, "sdkType"),
          Map.entry(Field.IS_WRITE_ACK, "isWriteAck"),
          Map.entry(Field.PATH, "path"),
          Map.entry(Field.VERSION, "version"),
          Map.entry(Field.VERSIONS, "versions"),
          Map.entry(Field.REQUESTOR_NAME, "requestorName"),
          Map.entry(Field.REQUESTOR_DATA, "requestorData"));

  static List<Vector> all() {
    return Vectors.all();
  }

  static Stream<Vector> fromClients() {
    return Vectors.all().stream().filter(Vector::isFromClient);
  }

  static Stream<Vector> fromServers() {
    return Vectors.all().stream().filter(Vector::isFromServer);
  }

  @Test
  void theFileIsWhole() {
    assertThat(Vectors.all()).hasSize(93);
    assertThat(fromClients().count() + fromServers().count()).isGreaterThan(93);
  }

  @ParameterizedTest
  @MethodSource("all")
  void bodiesHoldTheRecordedFieldsAndNoOthers(Vector vector) {
    Body body = body(vector);

    assertThat(body.layout().topic().number()).isEqualTo(vector.topic());
    assertThat(body.number(Field.ACTION, -1)).isEqualTo(vector.action());
    assertThat(fields(body)).isEqualTo(vector.fields());
  }

  @ParameterizedTest
  @MethodSource("all")
  void bodiesAreWrittenAgainByteByByte(Vector vector) {
    assertThat(FrameWriter.frame(body(vector))).isEqualTo(vector.frame());
  }

  @ParameterizedTest
  @MethodSource("fromClients")
  void messagesOfClientsAreWrittenAgainByteByByte(Vector vector) {
    assertThat(BinaryCodec.decodeClient(vector.frame()))
        .isInstanceOfSatisfying(
            Decoded.class,
            decoded -> {
              var message = (io.millrace.protocol.ClientMessage) decoded.message();
              assertThat(message.action().number()).isEqualTo(vector.action());
              assertThat(message.getClass().getSimpleName()).isNotEqualTo("Unexpected");
              assertThat(BinaryCodec.encode(message)).isEqualTo(vector.frame());
            });
  }

  @ParameterizedTest
  @MethodSource("fromServers")
  void messagesOfServersAreWrittenAgainByteByByte(Vector vector) {
    assertThat(BinaryCodec.decodeServer(vector.frame()))
        .isInstanceOfSatisfying(
            Decoded.class,
            decoded -> {
              var message = (io.millrace.protocol.ServerMessage) decoded.message();
              assertThat(message.action().number()).isEqualTo(vector.action());
              if (MEANINGLESS.containsKey(vector.id())) {
                assertThat(BinaryCodec.encode(message)).isNotEqualTo(vector.frame());
              } else {
                assertThat(BinaryCodec.encode(message)).isEqualTo(vector.frame());
              }
            });
  }

  @ParameterizedTest
  @MethodSource("fromClients")
  void jsonOfClientsSaysWhatTheFrameSays(Vector vector) {
    assertThat(JsonCodec.decodeClient(json(vector).toString().getBytes(UTF_8)))
        .isEqualTo(BinaryCodec.decodeClient(vector.frame()));
  }

  @ParameterizedTest
  @MethodSource("fromServers")
  void messagesOfServersAreWrittenAsTheRecordedFields(Vector vector) throws Exception {
    var message =
        ((Decoded<io.millrace.protocol.ServerMessage>) BinaryCodec.decodeServer(vector.frame()))
            .message();
    JsonNode written = new ObjectMapper().readTree(JsonCodec.encode(message));

    if (MEANINGLESS.containsKey(vector.id())) {
      assertThat(written).isNotEqualTo(json(vector));
    } else {
      assertThat(written).isEqualTo(json(vector));
    }
  }

  /** The frame as an object; empty containers that the client wants to see are added. */
  private static ObjectNode json(Vector vector) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("topic", vector.topic()).put("action", vector.action());
    vector
        .fields()
        .properties()
        .forEach(
            field ->
                json.set(
                    field.getKey().replace("originalTOPIC", "originalTopic"), field.getValue()));
    if (vector.topic() == 7 && vector.action() == PresenceAction.QUERY_ALL_RESPONSE.number()) {
      json.withArray("names");
    }
    if (vector.topic() == 5 && vector.action() == RecordAction.HEAD_RESPONSE_BULK.number()) {
      json.withObject("/versions");
    }
    return json;
  }

  private static Body body(Vector vector) {
    Envelope envelope = BinaryEnvelope.read(vector.frame());
    Body body = new Body(Objects.requireNonNull(Layout.of(envelope.topic())));
    envelope.fill(body);
    return body;
  }

  private static ObjectNode fields(Body body) {
    ObjectNode fields = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<Field, String> entry : JSON_NAMES.entrySet()) {
      if (body.has(entry.getKey())) {
        fields.set(entry.getValue(), value(body, entry.getKey()));
      }
    }
    assertThat(Set.of(Field.values())).containsAll(JSON_NAMES.keySet());
    return fields;
  }

  private static JsonNode value(Body body, Field field) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (field.kind()) {
      case NUMBER -> nodes.numberNode(body.number(field, 0));
      case FLAG -> nodes.booleanNode(body.flag(field));
      case TEXT -> nodes.textNode(body.text(field));
      case TEXTS -> {
        var array = nodes.arrayNode();
        body.texts(field).forEach(array::add);
        yield array;
      }
      case VERSIONS -> {
        var object = nodes.objectNode();
        body.versions().forEach(object::put);
        yield object;
      }
    };
  }
}

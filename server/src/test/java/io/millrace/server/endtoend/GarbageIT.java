package io.millrace.server.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.AuthAction;
import io.millrace.protocol.AuthReply;
import io.millrace.protocol.AuthRequest;
import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ConnectionAction;
import io.millrace.protocol.ConnectionReply;
import io.millrace.protocol.ConnectionRequest;
import io.millrace.protocol.ParserAction;
import io.millrace.protocol.ParserReply;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.Topic;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.codec.BinaryCodec;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.testkit.ScriptedClient;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What no client should say gets the answer of protocol §1.10 or a close with a reason, and nobody
 * else notices.
 */
@Timeout(300)
final class GarbageIT {
  private static final Logger LOG = LoggerFactory.getLogger(GarbageIT.class);
  private static final RecordName NAME = new RecordName("garbage");
  private static final RecordName CHANCE = new RecordName("chance");
  private static final WriteAckRequest ACK = new WriteAckRequest(true, "c");
  private static final int MAX_MESSAGE_SIZE = 1 << 20;

  private static TestServer server;

  private Bystander bystander;

  @BeforeAll
  static void startServer() {
    server = TestServer.start();
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void bystander() {
    bystander = new Bystander(server, "bystander/" + System.nanoTime());
  }

  @AfterEach
  void nobodyElseNoticed() {
    try (Bystander same = bystander) {
      same.assertUndisturbed();
    }
  }

  static Stream<String> malformed() {
    return Stream.of(
        "", // nothing
        "00", // an empty envelope
        "ff", // a length that is cut short
        "ffffffff0f0000", // a length beyond the end
        "02ffff", // no field
        "0610021a020802".substring(0, 10), // cut short
        "0610001a020802", // topic 0
        "0610081a020802", // topics that are not for clients
        "0610091a020802",
        "06100a1a020802",
        "06100b1a020802",
        "0610641a020801",
        "06107f1a020802", // a topic that nobody knows
        "0610011a020801", // PARSER
        "0b10051a070803320378ff79", // a name that is not UTF-8
        "deadbeef".repeat(64));
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void malformedBeforeTheChallenge(String hex) {
    try (ScriptedClient client = ScriptedClient.connect(server.uri())) {
      client.sendRaw(HexFormat.of().parseHex(hex));

      assertThat(client.await(ConnectionReply.class))
          .isEqualTo(new ConnectionReply.Plain(ConnectionAction.INVALID_MESSAGE));
      client.login();
    }
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void malformedBeforeTheLogin(String hex) {
    try (ScriptedClient client = ScriptedClient.connect(server.uri()).challenge()) {
      client.sendRaw(HexFormat.of().parseHex(hex));

      assertThat(client.await(AuthReply.class))
          .isEqualTo(new AuthReply(AuthAction.INVALID_MESSAGE));
      client.send(new AuthRequest.Login(JsonText.EMPTY_OBJECT));
      assertThat(client.await(AuthReply.class).action()).isEqualTo(AuthAction.AUTH_SUCCESSFUL);
    }
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void malformedAfterTheLogin(String hex) {
    try (ScriptedClient client = server.client()) {
      client.sendRaw(HexFormat.of().parseHex(hex));

      assertThat(client.await(ParserReply.class).action()).isEqualTo(ParserAction.UNKNOWN_TOPIC);
      assertThat(client.roundTrip()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 15, 36, 99, 119, 4711})
  void anActionThatNobodyKnows(int action) {
    try (ScriptedClient client = server.client()) {
      byte[] varint =
          action < 128
              ? new byte[] {(byte) action}
              : new byte[] {(byte) ((action & 0x7f) | 0x80), (byte) (action >> 7)};
      client.sendRaw(
          HexFormat.of()
              .parseHex(
                  "%02x10051a%02x08%s"
                      .formatted(
                          5 + varint.length, 1 + varint.length, HexFormat.of().formatHex(varint))));

      assertThat(client.await(ParserReply.class))
          .isEqualTo(new ParserReply(ParserAction.UNKNOWN_ACTION, Topic.RECORD.number(), action));
      assertThat(client.roundTrip()).isEmpty();
    }
  }

  @Test
  void theHandshakeInTheWrongOrder() {
    try (ScriptedClient client = ScriptedClient.connect(server.uri())) {
      client.send(new AuthRequest.Login(JsonText.EMPTY_OBJECT));
      assertThat(client.await(ConnectionReply.class).action())
          .isEqualTo(ConnectionAction.INVALID_MESSAGE);
      client.send(new RecordRequest.Read(NAME));
      assertThat(client.await(ConnectionReply.class).action())
          .isEqualTo(ConnectionAction.INVALID_MESSAGE);

      client.challenge();
      client.send(new ConnectionRequest.Challenge("u", "0.1a", "0", "scripted"));
      assertThat(client.await(AuthReply.class).action()).isEqualTo(AuthAction.INVALID_MESSAGE);
      client.send(new RecordRequest.Read(NAME));
      assertThat(client.await(AuthReply.class).action()).isEqualTo(AuthAction.INVALID_MESSAGE);

      client.send(new AuthRequest.Login(JsonText.EMPTY_OBJECT));
      assertThat(client.await(AuthReply.class).action()).isEqualTo(AuthAction.AUTH_SUCCESSFUL);
      client.send(new AuthRequest.Login(JsonText.EMPTY_OBJECT));
      assertThat(client.await(ParserReply.class).action()).isEqualTo(ParserAction.UNKNOWN_TOPIC);
      client.send(new ConnectionRequest.Challenge("u", "0.1a", "0", "scripted"));
      assertThat(client.await(ParserReply.class).action()).isEqualTo(ParserAction.UNKNOWN_TOPIC);
      assertThat(client.roundTrip()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "null", "12", "\"a\"", "[]", "{}{}", "{'a':1}", "undefined"})
  void loginDataThatIsNoObjectEndsTheConnection(String data) throws Exception {
    try (ScriptedClient client = ScriptedClient.connect(server.uri()).challenge()) {
      client.send(new AuthRequest.Login(new JsonText(data)));

      assertThat(client.await(AuthReply.class))
          .isEqualTo(new AuthReply(AuthAction.INVALID_MESSAGE_DATA));
      assertThat(client.closed().get(60, TimeUnit.SECONDS).code()).isNotEqualTo(1006);
    }
  }

  static Stream<JsonText> badJson() {
    return Stream.of(
            "",
            " ",
            "{",
            "{\"a\":}",
            "[1,]",
            "undefined",
            "NaN",
            "'a'",
            "{} {}",
            "\u0000",
            "[".repeat(100_000),
            "\"\ud83d".substring(0, 1),
            "1e",
            "{\"a\":1,}")
        .map(JsonText::new);
  }

  @ParameterizedTest
  @MethodSource("badJson")
  void writesWhoseDataIsNoJson(JsonText bad) {
    try (ScriptedClient client = server.client()) {
      int version = 1;
      for (RecordRequest.Write write :
          List.of(
              new RecordRequest.Update(RecordAction.UPDATE, NAME, version, bad, ACK),
              new RecordRequest.Update(RecordAction.CREATEANDUPDATE, NAME, -1, bad, ACK),
              new RecordRequest.Patch(RecordAction.PATCH, NAME, version, "a", bad, ACK),
              new RecordRequest.Patch(RecordAction.CREATEANDPATCH, NAME, -1, "a", bad, ACK),
              new RecordRequest.PatchMulti(NAME, version, bad, ACK))) {
        client.send(write);

        assertThat(client.await(RecordPush.class)).isEqualTo(invalid(write));
      }
      assertThat(client.roundTrip()).isEmpty();
      assertMissing(client);
    }
  }

  static Stream<String> badPaths() {
    return Stream.of(
        "__proto__",
        "a.__proto__",
        "__proto__.polluted",
        "constructor",
        "constructor.prototype.x",
        "a.prototype",
        "__proto__[0]",
        " __proto__ .a",
        "",
        ".",
        " . ",
        "a[x]",
        "a[-1]",
        "a[99999999]",
        "a[2147483648]",
        "x.".repeat(200));
  }

  @ParameterizedTest
  @MethodSource("badPaths")
  void pathsThatMustNotBeWritten(String path) {
    JsonText one = new JsonText("1");
    JsonText batch =
        new JsonText(
            "[{\"path\":\"fine\",\"data\":1},{\"path\":\"%s\",\"data\":1}]".formatted(path));
    try (ScriptedClient client = server.client()) {
      for (RecordRequest.Write write :
          List.of(
              new RecordRequest.Patch(RecordAction.PATCH, NAME, 1, path, one, ACK),
              new RecordRequest.Patch(RecordAction.CREATEANDPATCH, NAME, -1, path, one, ACK),
              new RecordRequest.Patch(RecordAction.ERASE, NAME, 1, path, null, ACK),
              new RecordRequest.PatchMulti(NAME, 1, batch, ACK))) {
        client.send(write);

        assertThat(client.await(RecordPush.class)).isEqualTo(invalid(write));
      }
      assertMissing(client);
    }
  }

  @Test
  void aRefusedWriteToAMissingRecordDoesNotEndTheSubscription() {
    RecordName name = new RecordName("missing");
    try (ScriptedClient client = server.client();
        ScriptedClient other = server.client()) {
      client.send(new RecordRequest.Bulk(RecordAction.SUBSCRIBEANDREAD, List.of(name), "0"));
      assertThat(client.await(RecordPush.ReadResponse.class).version()).isEqualTo(-1);
      client.send(
          new RecordRequest.Patch(
              RecordAction.PATCH, name, 1, "__proto__", JsonText.NULL, WriteAckRequest.NONE));
      assertThat(client.await(RecordPush.Failure.class).action())
          .isEqualTo(RecordAction.INVALID_MESSAGE_DATA);

      other.send(
          new RecordRequest.Update(
              RecordAction.CREATEANDUPDATE, name, -1, JsonText.EMPTY_OBJECT, ACK));
      assertThat(client.await(RecordPush.Update.class).version()).isEqualTo(1);
    }
  }

  private static RecordPush invalid(RecordRequest.Write write) {
    RecordAction original =
        switch (write) {
          case RecordRequest.Update update -> RecordAction.UPDATE;
          case RecordRequest.Patch patch -> RecordAction.PATCH;
          case RecordRequest.PatchMulti multi -> RecordAction.PATCH_MULTI;
        };
    return new RecordPush.Failure(
        RecordAction.INVALID_MESSAGE_DATA, NAME.value(), original, true, ACK, null, null);
  }

  /** A refused write creates nothing. */
  private static void assertMissing(ScriptedClient client) {
    client.send(new RecordRequest.Head(NAME));
    assertThat(client.await(RecordPush.HeadResponse.class).version()).isEqualTo(-1);
  }

  @Test
  void aMessageOfTwoMebibytesEndsTheConnectionWith1009() throws Exception {
    try (ScriptedClient client = server.client()) {
      client.sendRaw(new byte[2 * MAX_MESSAGE_SIZE]);

      assertThat(client.closed().get(60, TimeUnit.SECONDS).code()).isEqualTo(1009);
    }
  }

  @Test
  void fragmentsThatComeToTooMuchEndTheConnectionWith1009() throws IOException {
    try (RawSocket socket = RawSocket.upgrade(server.port())) {
      byte[] half = new byte[MAX_MESSAGE_SIZE / 2 + 1];
      socket.frame(RawSocket.BINARY, half);
      socket.frame(RawSocket.CONTINUATION, half);

      RawSocket.Frame close = socket.read();
      assertThat(close.opcode()).isEqualTo(RawSocket.CLOSE);
      assertThat(close.closeCode()).isEqualTo(1009);
      assertThat(close.closeReason()).isNotEmpty();
      assertThat(socket.isClosedByServer()).isTrue();
    }
  }

  @Test
  void fragmentsOfOneMessageAreOneMessage() throws IOException {
    byte[] ping = BinaryCodec.encode(new ConnectionRequest.Ping());
    byte[] pong = BinaryCodec.encode(new ConnectionReply.Plain(ConnectionAction.PONG));
    try (RawSocket socket = RawSocket.upgrade(server.port())) {
      socket.frame(RawSocket.BINARY, new byte[] {ping[0]});
      for (int i = 1; i < ping.length; i++) {
        socket.frame(RawSocket.CONTINUATION, new byte[] {ping[i]});
      }
      socket.frame(RawSocket.FINAL | RawSocket.CONTINUATION, new byte[0]);
      socket.frame(RawSocket.FINAL | RawSocket.BINARY, ping);

      assertThat(socket.read().payload()).isEqualTo(pong);
      assertThat(socket.read().payload()).isEqualTo(pong);
    }
  }

  @Test
  void aTextFrameEndsTheConnectionWith1003() throws Exception {
    try (ScriptedClient client = server.client()) {
      client.sendText("{\"topic\":2,\"action\":2}");

      ScriptedClient.Closed closed = client.closed().get(60, TimeUnit.SECONDS);
      assertThat(closed.code()).isEqualTo(1003);
      assertThat(closed.reason()).isNotEmpty();
    }
  }

  static Stream<String> brokenFrames() {
    return Stream.of(
        "810288ff", // unmasked text
        "820200ff", // an unmasked frame
        "818100000000ff", // text that is not UTF-8
        "838000000000", // a reserved opcode
        "8f8000000000",
        "f28000000000", // reserved bits
        "808000000000", // a continuation of nothing
        "098000000000", // a control frame in fragments
        "88810000000003", // a close frame of one byte
        "88820000000003e7"); // a close code that there is not
  }

  @ParameterizedTest
  @MethodSource("brokenFrames")
  void framesThatBreakTheWebSocketProtocolEndTheConnection(String hex) throws IOException {
    try (RawSocket socket = RawSocket.upgrade(server.port())) {
      socket.write(HexFormat.of().parseHex(hex));

      RawSocket.Frame close = socket.read();
      assertThat(close.opcode()).isEqualTo(RawSocket.CLOSE);
      assertThat(close.closeCode()).isBetween(1002, 1009);
      assertThat(socket.isClosedByServer()).isTrue();
    }
  }

  @Test
  void whatIsNotHttpEndsTheConnection() throws IOException {
    try (RawSocket socket = RawSocket.connect(server.port())) {
      socket.write(HexFormat.of().parseHex("16030100".repeat(2_000) + "0d0a0d0a"));

      assertThat(socket.isClosedByServer()).isTrue();
    }
  }

  @Test
  void tenThousandFramesOfChance() {
    long seed = Long.getLong("millrace.seed", System.nanoTime());
    LOG.info("frames of -Dmillrace.seed={}", seed);
    Random random = new Random(seed);
    for (int socket = 0; socket < 10; socket++) {
      try (ScriptedClient client = server.client()) {
        for (int frame = 1; frame <= 1_000; frame++) {
          client.sendRaw(frameOfChance(random));
          if (frame % 100 == 0) {
            // It answers in the wire's own words, and stays.
            client.roundTrip();
          }
        }
        assertThat(client.received()).allSatisfy(GarbageIT::assertCarriesJson);
      }
    }
  }

  /** Bytes of chance, or a message of sense with a few of them changed or cut off. */
  private static byte[] frameOfChance(Random random) {
    List<ClientMessage> sense =
        List.of(
            new RecordRequest.Bulk(RecordAction.SUBSCRIBECREATEANDREAD, List.of(CHANCE), "1"),
            new RecordRequest.Update(RecordAction.UPDATE, CHANCE, 1, JsonText.EMPTY_OBJECT, ACK),
            new RecordRequest.Patch(RecordAction.PATCH, CHANCE, -1, "a.b[2]", JsonText.NULL, ACK),
            new RecordRequest.PatchMulti(CHANCE, -1, new JsonText("[{\"path\":\"a\"}]"), ACK),
            new RecordRequest.Head(CHANCE),
            new RecordRequest.Read(CHANCE),
            new RecordRequest.Delete(CHANCE, "1"),
            new RecordRequest.Notify(List.of(CHANCE), "2"),
            new RecordRequest.Listen(RecordAction.LISTEN, "a.*"));
    byte[] frame = BinaryCodec.encode(sense.get(random.nextInt(sense.size())));
    switch (random.nextInt(3)) {
      case 0 -> {
        frame = new byte[random.nextInt(200)];
        random.nextBytes(frame);
      }
      case 1 -> frame = Arrays.copyOf(frame, random.nextInt(2 * frame.length));
      default -> {
        for (int i = random.nextInt(4); i >= 0; i--) {
          frame[random.nextInt(frame.length)] = (byte) random.nextInt(256);
        }
      }
    }
    return frame;
  }

  private static void assertCarriesJson(ServerMessage message) {
    JsonText data =
        switch (message) {
          case RecordPush.ReadResponse response -> response.data();
          case RecordPush.Update update -> update.data();
          case RecordPush.Patch patch -> patch.data();
          case RecordPush.VersionExists conflict -> conflict.data();
          case RecordPush.Failure failure -> failure.data();
          default -> null;
        };
    assertThat(data == null || Json.parse(data).isPresent()).isTrue();
  }
}

package io.millrace.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.AuthAction;
import io.millrace.protocol.AuthReply;
import io.millrace.protocol.AuthRequest;
import io.millrace.protocol.ConnectionAction;
import io.millrace.protocol.ConnectionReply;
import io.millrace.protocol.ConnectionRequest;
import io.millrace.protocol.EventPush;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.codec.BinaryCodec;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.testkit.ScriptedClient.Closed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class ScriptedClientIT {
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final ServerMessage PONG = new ConnectionReply.Plain(ConnectionAction.PONG);

  private OneSocketServer server;

  @BeforeEach
  void start() throws IOException {
    server = new OneSocketServer();
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  @Test
  void logsIn() throws Exception {
    try (ScriptedClient client = connect(Duration.ofSeconds(60))) {
      CompletableFuture<ScriptedClient> login =
          CompletableFuture.supplyAsync(() -> client.login("{\"username\":\"A\"}"));

      assertThat(server.read()).isInstanceOf(ConnectionRequest.Challenge.class);
      server.send(new ConnectionReply.Plain(ConnectionAction.ACCEPT));
      assertThat(server.read())
          .isEqualTo(new AuthRequest.Login(new JsonText("{\"username\":\"A\"}")));
      server.send(new AuthReply(AuthAction.AUTH_SUCCESSFUL));

      assertThat(login.get(60, TimeUnit.SECONDS)).isSameAs(client);
      server.cut();
    }
  }

  @Test
  void failsWhenTheLoginIsRefused() throws Exception {
    try (ScriptedClient client = connect(Duration.ofSeconds(60))) {
      CompletableFuture<ScriptedClient> login = CompletableFuture.supplyAsync(client::login);
      server.read();
      server.send(new ConnectionReply.Plain(ConnectionAction.ACCEPT));
      server.read();
      server.send(new AuthReply(AuthAction.AUTH_UNSUCCESSFUL));

      assertThatThrownBy(() -> login.get(60, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(AssertionError.class)
          .hasMessageContaining("AUTH_UNSUCCESSFUL");
      server.cut();
    }
  }

  @Test
  void keepsWhatItSkippedWhileItWaited() throws Exception {
    try (ScriptedClient client = connect(Duration.ofSeconds(60))) {
      server.send(head("a", 1));
      server.send(new EventPush.Emit("e", null));
      server.send(head("b", 2));

      assertThat(client.await(EventPush.Emit.class).name()).isEqualTo("e");
      assertThat(client.await(RecordPush.HeadResponse.class, m -> m.version() == 2))
          .isEqualTo(head("b", 2));
      assertThat(client.await(m -> true)).isEqualTo(head("a", 1));
      assertThat(client.received())
          .containsExactly(head("a", 1), new EventPush.Emit("e", null), head("b", 2));
      server.cut();
    }
  }

  @Test
  void aRoundTripShowsAllThatCameBefore() throws Exception {
    try (ScriptedClient client = connect(Duration.ofSeconds(60))) {
      server.send(head("a", 1));
      CompletableFuture<List<ServerMessage>> trip =
          CompletableFuture.supplyAsync(client::roundTrip);
      assertThat(server.read()).isEqualTo(new ConnectionRequest.Ping());
      server.send(head("b", 2));
      server.send(PONG);

      assertThat(trip.get(60, TimeUnit.SECONDS)).containsExactly(head("a", 1), head("b", 2));
      server.cut();
    }
  }

  @Test
  void aRoundTripIsNotSatisfiedByTheAnswerToAnEarlierPing() throws Exception {
    try (ScriptedClient client = connect(SHORT)) {
      client.send(new ConnectionRequest.Ping());
      server.send(PONG);

      assertThatThrownBy(client::roundTrip).hasMessageContaining("no PONG within");
      server.cut();
    }
  }

  @Test
  void assemblesMessagesFromPieces() throws Exception {
    RecordPush.Update large =
        new RecordPush.Update(
            new RecordName("r"), 1, new JsonText("\"" + "x".repeat(3_000_000) + "\""));
    byte[] frame = BinaryCodec.encode(large);
    try (ScriptedClient client = connect(Duration.ofSeconds(60))) {
      server.write(OneSocketServer.BINARY, false, Arrays.copyOfRange(frame, 0, 3));
      server.write(OneSocketServer.CONTINUATION, false, Arrays.copyOfRange(frame, 3, 2_000_000));
      server.write(
          OneSocketServer.CONTINUATION, true, Arrays.copyOfRange(frame, 2_000_000, frame.length));

      assertThat(client.await(RecordPush.Update.class)).isEqualTo(large);
      server.cut();
    }
  }

  @Test
  void aPausedReaderStopsTheServer() throws Exception {
    int enough = 2_000;
    ServerMessage message =
        new RecordPush.Update(new RecordName("r"), 1, new JsonText("x".repeat(10_000)));
    AtomicInteger written = new AtomicInteger();
    try (ScriptedClient client = connect(Duration.ofSeconds(60))) {
      client.pauseReading();
      CompletableFuture<Void> writer =
          CompletableFuture.runAsync(
              () -> {
                try {
                  for (int i = 0; i < enough; i++) {
                    server.send(message);
                    written.incrementAndGet();
                  }
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      // Stalled is when nothing is written for a while: what the kernel buffers is not ours to
      // know.
      int before = -1;
      while (before < written.get()) {
        before = written.get();
        writer.copy().orTimeout(500, TimeUnit.MILLISECONDS).exceptionally(timeout -> null).join();
      }

      assertThat(written.get()).isLessThan(enough);
      assertThat(client.received()).hasSizeLessThan(2);
      client.resumeReading();
      for (int i = 0; i < enough; i++) {
        client.await(RecordPush.Update.class);
      }
      server.cut();
    }
  }

  @Test
  void sendsWhatItIsTold() throws Exception {
    try (ScriptedClient client = connect(Duration.ofSeconds(60))) {
      client.send(new RecordRequest.Read(new RecordName("r")));
      client.sendRaw(new byte[] {1, 2, 3});
      client.sendText("hello");

      assertThat(server.read()).isEqualTo(new RecordRequest.Read(new RecordName("r")));
      assertThat(server.readFrame().payload()).containsExactly(1, 2, 3);
      assertThat(server.readFrame().opcode()).isEqualTo(OneSocketServer.TEXT);
      server.cut();
    }
  }

  @Test
  void tellsWhatCameInstead() throws Exception {
    try (ScriptedClient client = connect(SHORT)) {
      server.send(head("a", 1));
      while (client.received().isEmpty()) {
        Thread.onSpinWait();
      }

      assertThatThrownBy(() -> client.await(RecordPush.ReadResponse.class))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("no ReadResponse within PT0.2S")
          .hasMessageContaining("The socket is open")
          .hasMessageContaining("RECORD HEAD_RESPONSE HeadResponse[name=a, version=1]");
      server.cut();
    }
  }

  @Test
  void tellsHowTheServerClosed() throws Exception {
    try (ScriptedClient client = connect(Duration.ofSeconds(60))) {
      server.writeClose(1009, "too big");

      assertThat(client.closed().get(60, TimeUnit.SECONDS)).isEqualTo(new Closed(1009, "too big"));
      assertThatThrownBy(() -> client.await(AuthReply.class)).hasMessageContaining("code=1009");
    }
  }

  @Test
  void tellsThatTheConnectionWasCut() throws Exception {
    try (ScriptedClient client = connect(Duration.ofSeconds(60))) {
      server.cut();

      assertThat(client.closed().get(60, TimeUnit.SECONDS).code()).isEqualTo(1006);
    }
  }

  @Test
  void cutsTheConnection() throws Exception {
    try (ScriptedClient client = connect(Duration.ofSeconds(60))) {
      client.abort();

      assertThat(server.isAtEnd()).isTrue();
      assertThat(client.closed()).isCompleted();
    }
  }

  @Test
  void doesNotAcceptWhatNoServerSays() throws Exception {
    try (ScriptedClient client = connect(Duration.ofSeconds(60))) {
      server.write(OneSocketServer.BINARY, true, new byte[] {1});

      assertThatThrownBy(() -> client.await(m -> true)).hasMessageContaining("UNREADABLE");
      server.cut();
    }
  }

  @Test
  void cannotConnectToNobody() {
    URI nobody = URI.create("ws://127.0.0.1:" + FreePorts.next());
    assertThatThrownBy(() -> ScriptedClient.connect(nobody))
        .isInstanceOf(UncheckedIOException.class);
  }

  private ScriptedClient connect(Duration deadline) throws Exception {
    CompletableFuture<ScriptedClient> client =
        CompletableFuture.supplyAsync(() -> ScriptedClient.connect(server.uri(), deadline));
    server.accept();
    return client.get(60, TimeUnit.SECONDS);
  }

  private static RecordPush.HeadResponse head(String name, int version) {
    return new RecordPush.HeadResponse(new RecordName(name), version);
  }
}

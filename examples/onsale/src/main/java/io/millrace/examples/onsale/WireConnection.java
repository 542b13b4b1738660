package io.millrace.examples.onsale;

import io.millrace.protocol.AuthRequest;
import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ConnectionRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.codec.BinaryCodec;
import io.millrace.protocol.codec.DecodeResult;
import io.millrace.protocol.value.JsonText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The wire on the JDK's WebSocket: one binary message each way per protocol message. May be used
 * from any thread; messages are received one after the other.
 */
final class WireConnection implements AutoCloseable {
  private final HttpClient http = HttpClient.newHttpClient();
  private final String url;
  private final WebSocket socket;
  private CompletableFuture<?> sending = CompletableFuture.completedFuture(null);

  private WireConnection(int port, WebSocket.Listener listener) {
    url = "ws://127.0.0.1:" + port + "/deepstream";
    socket = http.newWebSocketBuilder().buildAsync(URI.create(url), listener).join();
  }

  static WireConnection open(int port, Consumer<ServerMessage> received, Consumer<Throwable> lost) {
    return new WireConnection(port, new Messages(received, lost));
  }

  /** Introduces itself and logs in without asking whether it may: the answers tell. */
  void login() {
    send(new ConnectionRequest.Challenge(url, "0.1a", null, "java"));
    send(new AuthRequest.Login(JsonText.EMPTY_OBJECT));
  }

  void ping() {
    send(new ConnectionRequest.Ping());
  }

  /** Queues a message; the JDK allows one send at a time. */
  synchronized void send(ClientMessage message) {
    byte[] frame = BinaryCodec.encode(message);
    sending = sending.thenCompose(done -> socket.sendBinary(ByteBuffer.wrap(frame), true));
  }

  @Override
  public void close() {
    socket.abort();
  }

  /** Puts frames together and decodes them. */
  private static final class Messages implements WebSocket.Listener {
    private final Consumer<ServerMessage> received;
    private final Consumer<Throwable> lost;
    private final ByteArrayOutputStream parts = new ByteArrayOutputStream();

    private Messages(Consumer<ServerMessage> received, Consumer<Throwable> lost) {
      this.received = received;
      this.lost = lost;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(
        WebSocket webSocket, ByteBuffer data, boolean last) {
      byte[] part = new byte[data.remaining()];
      data.get(part);
      parts.writeBytes(part);
      if (last) {
        byte[] frame = parts.toByteArray();
        parts.reset();
        switch (BinaryCodec.decodeServer(frame)) {
          case DecodeResult.Decoded<ServerMessage>(var message) -> received.accept(message);
          case DecodeResult.Refused<ServerMessage> refused ->
              throw new IllegalStateException("the server sent nonsense: " + refused.detail());
        }
      }
      webSocket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(
        WebSocket webSocket, int statusCode, String reason) {
      lost.accept(new IOException("closed with status " + statusCode));
      return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
      lost.accept(error);
    }
  }
}

package io.millrace.testkit;

import io.millrace.protocol.AuthAction;
import io.millrace.protocol.AuthReply;
import io.millrace.protocol.AuthRequest;
import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ConnectionAction;
import io.millrace.protocol.ConnectionReply;
import io.millrace.protocol.ConnectionRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.codec.BinaryCodec;
import io.millrace.protocol.codec.DecodeResult.Decoded;
import io.millrace.protocol.value.JsonText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/**
 * A client that says exactly what a test tells it to, message by message, and waits for what the
 * test names. It answers nothing by itself: no heartbeat, no reconnect.
 *
 * <pre>{@code
 * try (ScriptedClient client = ScriptedClient.connect(uri).login()) {
 *   client.send(new RecordRequest.Head(new RecordName("seat/1")));
 *   assertThat(client.await(RecordPush.HeadResponse.class).version()).isEqualTo(-1);
 *   assertThat(client.roundTrip()).isEmpty();
 * }
 * }</pre>
 *
 * <p>Every wait has a deadline and then fails with an {@link AssertionError} that lists what came
 * instead; it fails at once when the socket is closed or brings what no server says. All methods
 * may be called from any thread.
 */
public final class ScriptedClient implements AutoCloseable {
  /** So long for what has to happen anyway, also on a machine that stalls for a while. */
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(2);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final URI uri;
  private final ScriptedClientInbox inbox;
  private final WebSocket socket;

  /** How the socket ended; code 1006 when it was cut without a close frame. */
  public record Closed(int code, String reason) {
    static final int WITHOUT_CLOSE_FRAME = 1006;
  }

  private ScriptedClient(URI uri, ScriptedClientInbox inbox, WebSocket socket) {
    this.uri = uri;
    this.inbox = inbox;
    this.socket = socket;
  }

  /** Opens a socket, and says nothing yet. Waits take up to half a minute. */
  public static ScriptedClient connect(URI uri) {
    return connect(uri, DEADLINE);
  }

  /**
   * As {@link #connect(URI)} with another deadline for each wait for a message.
   *
   * @throws UncheckedIOException if there is no socket to be had; its cause tells why
   */
  public static ScriptedClient connect(URI uri, Duration deadline) {
    ScriptedClientInbox inbox = new ScriptedClientInbox(deadline);
    try {
      WebSocket socket =
          within(
              DEADLINE, HTTP.newWebSocketBuilder().connectTimeout(DEADLINE).buildAsync(uri, inbox));
      return new ScriptedClient(uri, inbox, socket);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot connect to " + uri, e);
    }
  }

  /** Logs in with {@code {}}: anonymously. */
  public ScriptedClient login() {
    return login("{}");
  }

  /** The whole handshake, with {@code json} as login data; fails unless the login succeeds. */
  public ScriptedClient login(String json) {
    challenge();
    send(new AuthRequest.Login(new JsonText(json)));
    AuthReply reply = await(AuthReply.class);
    if (reply.action() != AuthAction.AUTH_SUCCESSFUL) {
      throw inbox.failure("login: got " + reply);
    }
    return this;
  }

  /** The handshake up to where a login is expected. */
  public ScriptedClient challenge() {
    send(new ConnectionRequest.Challenge(uri.toString(), "0.1a", "0", "scripted"));
    ConnectionReply reply = await(ConnectionReply.class);
    if (reply.action() != ConnectionAction.ACCEPT) {
      throw inbox.failure("challenge: got " + reply);
    }
    return this;
  }

  /** Returns when the socket took the message, which is not when the server did. */
  public void send(ClientMessage message) {
    sendRaw(BinaryCodec.encode(message));
  }

  /** Sends any bytes as one binary WebSocket message. */
  public synchronized void sendRaw(byte[] frame) {
    if (BinaryCodec.decodeClient(frame) instanceof Decoded<ClientMessage> decoded
        && decoded.message() instanceof ConnectionRequest.Ping) {
      inbox.pingSent();
    }
    sent(socket.sendBinary(ByteBuffer.wrap(frame), true));
  }

  /** Sends a text frame, which the binary endpoint does not understand. */
  public synchronized void sendText(String text) {
    sent(socket.sendText(text, true));
  }

  /** The oldest message of this kind that no wait has returned yet; the others stay for later. */
  public <T extends ServerMessage> T await(Class<T> kind) {
    return kind.cast(inbox.await(kind::isInstance, kind.getSimpleName()));
  }

  /** As {@link #await(Class)}, with a condition. */
  public <T extends ServerMessage> T await(Class<T> kind, Predicate<? super T> condition) {
    return kind.cast(
        inbox.await(
            message -> kind.isInstance(message) && condition.test(kind.cast(message)),
            kind.getSimpleName() + " that meets the condition"));
  }

  /** As {@link #await(Class)}, of any kind. */
  public ServerMessage await(Predicate<? super ServerMessage> condition) {
    return inbox.await(condition, "message that meets the condition");
  }

  /** All that ever came, in order. */
  public List<ServerMessage> received() {
    return inbox.received();
  }

  /**
   * Sends a PING and waits for its PONG: what the server had sent to this socket before it answered
   * is here now.
   *
   * @return the messages that no wait has returned, the PONG left out
   */
  public List<ServerMessage> roundTrip() {
    int pings;
    synchronized (this) {
      send(new ConnectionRequest.Ping());
      pings = inbox.pingsSent();
    }
    return inbox.awaitPong(pings);
  }

  /**
   * Takes nothing more from the socket, so that the server's buffers fill up as they do with a slow
   * reader. One message may still arrive, and the end of the socket is not noticed.
   */
  public void pauseReading() {
    inbox.pause();
  }

  public void resumeReading() {
    inbox.resume();
  }

  /** Completes when the socket has ended, whoever ended it; never exceptionally. */
  public CompletableFuture<Closed> closed() {
    return inbox.closed().copy();
  }

  /** Cuts the connection without a word, as a client does that loses its network. */
  public void abort() {
    socket.abort();
    inbox.end(new Closed(Closed.WITHOUT_CLOSE_FRAME, "aborted here"));
  }

  /** Closes the socket in good order, or cuts it when the server does not play along. */
  @Override
  public void close() {
    resumeReading();
    try {
      if (!socket.isOutputClosed()) {
        within(CLOSE_DEADLINE, socket.sendClose(WebSocket.NORMAL_CLOSURE, ""));
      }
      within(CLOSE_DEADLINE, closed());
    } catch (IOException e) {
      abort();
    }
  }

  private void sent(CompletableFuture<WebSocket> sending) {
    try {
      within(DEADLINE, sending);
    } catch (IOException e) {
      throw inbox.failure("cannot send: " + e.getMessage());
    }
  }

  private static <T> T within(Duration deadline, CompletableFuture<T> future) throws IOException {
    try {
      return future.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("not done within " + deadline, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}

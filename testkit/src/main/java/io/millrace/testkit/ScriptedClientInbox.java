package io.millrace.testkit;

import io.millrace.protocol.ConnectionAction;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.codec.BinaryCodec;
import io.millrace.protocol.codec.DecodeResult;
import io.millrace.testkit.ScriptedClient.Closed;
import java.io.ByteArrayOutputStream;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What came through a {@link ScriptedClient}'s socket. The HTTP client's threads fill it one call
 * at a time, tests wait on its monitor. The socket brings one piece for each that is asked for: to
 * pause is to stop asking.
 */
final class ScriptedClientInbox implements WebSocket.Listener {
  private static final int LISTED = 20;

  private final Duration deadline;
  private final CompletableFuture<Closed> closed = new CompletableFuture<>();
  private final ByteArrayOutputStream pieces = new ByteArrayOutputStream();

  private final List<ServerMessage> received = new ArrayList<>();

  /** Those of the received messages that no wait has returned. */
  private final List<ServerMessage> pending = new ArrayList<>();

  private int pingsSent;
  private int pongsReceived;
  private boolean paused;
  private @Nullable WebSocket askAtResume;
  private @Nullable String fault;

  ScriptedClientInbox(Duration deadline) {
    this.deadline = deadline;
  }

  synchronized ServerMessage await(Predicate<? super ServerMessage> condition, String what) {
    return await(() -> take(condition), what);
  }

  /** Waits for as many PONGs and takes one away. */
  synchronized List<ServerMessage> awaitPong(int number) {
    return await(
        () -> {
          if (pongsReceived < number) {
            return null;
          }
          take(message -> message.action() == ConnectionAction.PONG);
          return List.copyOf(pending);
        },
        "PONG");
  }

  synchronized List<ServerMessage> received() {
    return List.copyOf(received);
  }

  synchronized void pingSent() {
    pingsSent++;
  }

  synchronized int pingsSent() {
    return pingsSent;
  }

  synchronized void pause() {
    paused = true;
  }

  synchronized void resume() {
    paused = false;
    WebSocket socket = askAtResume;
    askAtResume = null;
    if (socket != null) {
      socket.request(1);
    }
  }

  CompletableFuture<Closed> closed() {
    return closed;
  }

  synchronized void end(Closed how) {
    closed.complete(how);
    notifyAll();
  }

  /** To be thrown: what went wrong, and what there is to see. */
  synchronized AssertionError failure(String what) {
    String state = closed.isDone() ? "closed, " + closed.join() : "open";
    String messages =
        received.stream()
            .skip(Math.max(0, received.size() - LISTED))
            .map(
                message ->
                    "\n  " + message.action().topic() + " " + message.action() + " " + message)
            .collect(Collectors.joining());
    return new AssertionError(
        "%s%nThe socket is %s.%s%nReceived %d, not yet awaited %d; the last are:%s"
            .formatted(
                what,
                state,
                fault == null ? "" : " " + fault,
                received.size(),
                pending.size(),
                messages));
  }

  @Override
  public void onOpen(WebSocket socket) {
    askForMore(socket);
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
    byte[] piece = new byte[data.remaining()];
    data.get(piece);
    pieces.writeBytes(piece);
    if (last) {
      decode(pieces.toByteArray());
      pieces.reset();
    }
    askForMore(socket);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
    blame("It brought a text frame.");
    askForMore(socket);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
    askForMore(socket);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
    askForMore(socket);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
    end(new Closed(code, reason));
    return null;
  }

  @Override
  public void onError(WebSocket socket, Throwable error) {
    end(new Closed(Closed.WITHOUT_CLOSE_FRAME, String.valueOf(error.getMessage())));
  }

  private synchronized <T> T await(Supplier<@Nullable T> source, String what) {
    long end = System.nanoTime() + deadline.toNanos();
    while (true) {
      T found = source.get();
      if (found != null) {
        return found;
      }
      long rest = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (closed.isDone() || fault != null || rest <= 0) {
        throw failure("no " + what + (rest <= 0 ? " within " + deadline : ""));
      }
      try {
        wait(rest);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw failure("interrupted while waiting for " + what);
      }
    }
  }

  private @Nullable ServerMessage take(Predicate<? super ServerMessage> condition) {
    for (Iterator<ServerMessage> messages = pending.iterator(); messages.hasNext(); ) {
      ServerMessage message = messages.next();
      if (condition.test(message)) {
        messages.remove();
        return message;
      }
    }
    return null;
  }

  private synchronized void decode(byte[] frame) {
    switch (BinaryCodec.decodeServer(frame)) {
      case DecodeResult.Decoded<ServerMessage>(ServerMessage message) -> {
        received.add(message);
        pending.add(message);
        pongsReceived += message.action() == ConnectionAction.PONG ? 1 : 0;
      }
      case DecodeResult.Refused<ServerMessage> refused -> blame("It brought " + refused + ".");
    }
    notifyAll();
  }

  private synchronized void blame(String what) {
    fault = what;
    notifyAll();
  }

  private synchronized void askForMore(WebSocket socket) {
    if (paused) {
      askAtResume = socket;
    } else {
      socket.request(1);
    }
  }
}

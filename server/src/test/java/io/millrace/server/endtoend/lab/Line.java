package io.millrace.server.endtoend.lab;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ConnectionAction;
import io.millrace.protocol.ConnectionRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.codec.BinaryCodec;
import io.millrace.protocol.codec.DecodeResult;
import io.millrace.server.endtoend.RawSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a client. A thread of its own takes what comes; a heartbeat finds out that a
 * node hangs.
 */
final class Line implements AutoCloseable {

  private static final ScheduledExecutorService PINGS =
      Executors.newScheduledThreadPool(
          2, task -> Thread.ofPlatform().daemon().name("pings").unstarted(task));

  private final RawSocket socket;
  private final @Nullable ScheduledFuture<?> pings;
  private volatile boolean closed;

  /**
   * Logs in.
   *
   * @param patience how long the node may say nothing
   * @param taker of what comes, except for pongs; on one thread
   * @param ended is told once, on the same thread, when nothing more will come
   */
  Line(
      InetSocketAddress node,
      Duration patience,
      String user,
      Consumer<ServerMessage> taker,
      Runnable ended)
      throws IOException {
    socket = RawSocket.login(node, "{\"username\":\"" + user + "\"}", patience);
    pings = PINGS.scheduleWithFixedDelay(this::ping, 1, 1, TimeUnit.SECONDS);
    Thread.ofPlatform().daemon().name(user).start(() -> read(taker, ended));
  }

  private void read(Consumer<ServerMessage> taker, Runnable ended) {
    try (this) {
      while (!closed) {
        RawSocket.Frame frame = socket.read();
        if (!(BinaryCodec.decodeServer(frame.payload())
            instanceof DecodeResult.Decoded<ServerMessage>(ServerMessage message))) {
          break;
        }
        if (message.action() != ConnectionAction.PONG) {
          taker.accept(message);
        }
      }
    } catch (IOException e) {
      // The node is gone, hangs, or sends its clients away.
    } finally {
      ended.run();
    }
  }

  private void ping() {
    try {
      send(new ConnectionRequest.Ping());
    } catch (IOException e) {
      // The reading thread notices, too.
    }
  }

  synchronized void send(ClientMessage message) throws IOException {
    socket.send(message);
  }

  @Override
  public void close() {
    closed = true;
    ScheduledFuture<?> pinging = pings;
    if (pinging != null) {
      pinging.cancel(false);
    }
    try {
      socket.close();
    } catch (IOException e) {
      // It is not used any more.
    }
  }
}

package io.millrace.benchmarks.client;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.codec.BinaryCodec;
import io.netty.channel.Channel;

/** A logged-in connection. Methods may be called from any thread. */
public final class LoadClient {
  private final Channel channel;
  private final ClientHandler handler;

  /** What a client hears; called on the thread of its lane. */
  public interface Listener {
    void received(ServerMessage message);

    /** The connection has ended, and nobody asked for it. */
    void lost(String reason);
  }

  LoadClient(Channel channel, ClientHandler handler) {
    this.channel = channel;
    this.handler = handler;
  }

  /** Sends a message; on the lane's own thread, together with others of the same tick. */
  public void send(ClientMessage message) {
    handler.send(channel, BinaryCodec.encode(message));
  }

  /** Ends the connection at once, as a process does that is killed. */
  public void close() {
    handler.leave();
    channel.close().syncUninterruptibly();
  }
}

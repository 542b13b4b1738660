package io.millrace.server.websocket;

import io.millrace.server.config.WebSocketConfig;
import io.millrace.server.transport.Connection;
import io.millrace.server.transport.ConnectionListener;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.EventLoops;
import io.millrace.server.transport.Handshake;
import io.millrace.server.transport.MessageEncoder;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.http.WebSocketInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Takes upgraded sockets over from Vert.x: its handler at the end of the pipeline, which costs 14
 * KiB of heap per idle socket and 216 bytes per message, is replaced by ours. The only class that
 * knows Vert.x's internals (the pipeline is {@code wsdecoder, wsencoder, handler} in 5.2.0).
 */
public final class WebSocketTransport {

  /** What Vert.x calls it in the pipeline. */
  private static final String IDLE_HANDLER = "idle";

  /**
   * What may wait in a socket's queue before fan-out leaves it out: a few hundred seat deltas,
   * which is what one tick of a busy record brings.
   */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(64 * 1024, 256 * 1024);

  private final List<NettyEventLoop> nettyLoops = new ArrayList<>();
  private final EventLoops loops;
  private final int maxMessageSize;
  private final boolean keepsHandshakes;
  private final AtomicLong ids = new AtomicLong();

  /**
   * @param keepsHandshakes whether anybody asks for them; they take memory until the login
   */
  public WebSocketTransport(Vertx vertx, int maxMessageSize, boolean keepsHandshakes) {
    for (EventExecutor executor : ((VertxInternal) vertx).nettyEventLoopGroup()) {
      nettyLoops.add(new NettyEventLoop(nettyLoops.size(), (io.netty.channel.EventLoop) executor));
    }
    this.loops = new EventLoops(List.<EventLoop>copyOf(nettyLoops));
    this.maxMessageSize = maxMessageSize;
    this.keepsHandshakes = keepsHandshakes;
  }

  public EventLoops loops() {
    return loops;
  }

  /** An id that no connection of this node has or will have: for sessions without a socket. */
  public long newId() {
    return ids.incrementAndGet();
  }

  /** Encodes once for many sockets. */
  public MessageEncoder encoder() {
    return message -> new SharedFrame(message, PooledByteBufAllocator.DEFAULT);
  }

  /** Makes an upgraded socket one of ours; to be called on its event loop, right at the upgrade. */
  public void takeOver(
      ServerWebSocket socket,
      WebSocketConfig.Format format,
      Function<Connection, ConnectionListener> sessions) {
    ChannelHandlerContext vertxHandler = ((WebSocketInternal) socket).channelHandlerContext();
    Channel channel = vertxHandler.channel();
    ChannelPipeline pipeline = channel.pipeline();
    ChannelHandlerContext encoder = pipeline.context("wsencoder");
    WebSocketConnection connection =
        new WebSocketConnection(
            newId(),
            loopOf(channel),
            keepsHandshakes ? handshake(socket) : Handshake.FORGOTTEN,
            WireFormat.of(format),
            maxMessageSize,
            encoder);
    if (pipeline.get(IDLE_HANDLER) != null) {
      // That is for HTTP; sessions have heartbeats.
      pipeline.remove(IDLE_HANDLER);
    }
    pipeline.replace(vertxHandler.handler(), "millrace", connection);
    connection.open(sessions);
    channel.config().setWriteBufferWaterMark(WATER_MARK);
    channel.config().setAutoRead(true);
    channel.read();
  }

  private static Handshake handshake(ServerWebSocket socket) {
    String peer = socket.remoteAddress() == null ? null : socket.remoteAddress().hostAddress();
    return Handshake.of(peer == null ? "" : peer, socket.headers());
  }

  private NettyEventLoop loopOf(Channel channel) {
    for (NettyEventLoop loop : nettyLoops) {
      if (loop.is(channel.eventLoop())) {
        return loop;
      }
    }
    throw new IllegalStateException("a socket on an event loop that is not one of ours");
  }
}

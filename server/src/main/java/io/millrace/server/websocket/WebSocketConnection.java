package io.millrace.server.websocket;

import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.codec.BinaryCodec;
import io.millrace.server.transport.Connection;
import io.millrace.server.transport.ConnectionListener;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.SharedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's socket on the binary endpoint: one protocol message per WebSocket message (protocol
 * §1.1). Sits behind the WebSocket codec; frames that are encoded already are written past it.
 */
final class WebSocketConnection extends ChannelInboundHandlerAdapter implements Connection {
  private static final Logger LOG = LoggerFactory.getLogger(WebSocketConnection.class);

  /** How long a peer may take to read what is left before a close. */
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  private static final byte[] NOTHING = new byte[0];

  private final long id;
  private final NettyEventLoop loop;
  private final int maxMessageSize;
  private final ChannelHandlerContext encoded;
  private @Nullable ChannelHandlerContext context;
  private @Nullable ConnectionListener listener;
  private byte[] fragments = NOTHING;
  private boolean fragmented;
  private boolean flushQueued;
  private boolean closing;

  /**
   * @param encoded the context of the frame encoder: what is written there passes it by
   */
  WebSocketConnection(
      long id, NettyEventLoop loop, int maxMessageSize, ChannelHandlerContext encoded) {
    this.id = id;
    this.loop = loop;
    this.maxMessageSize = maxMessageSize;
    this.encoded = encoded;
  }

  /** Gives the connection its session; to be called before the handler is added. */
  void open(Function<Connection, ConnectionListener> sessions) {
    listener = sessions.apply(this);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public long id() {
    return id;
  }

  @Override
  public EventLoop loop() {
    return loop;
  }

  @Override
  public boolean isWritable() {
    return encoded.channel().isWritable();
  }

  @Override
  public void send(ServerMessage message) {
    write(SharedFrame.encode(message, encoded.alloc()));
  }

  @Override
  public void send(SharedMessage message) {
    write(((SharedFrame) message).forOneMore());
  }

  private void write(ByteBuf frame) {
    if (closing) {
      frame.release();
      return;
    }
    var unused = encoded.write(frame, encoded.voidPromise());
    if (!flushQueued) {
      flushQueued = true;
      loop.flushQueue().add(this);
    }
  }

  void flush() {
    flushQueued = false;
    encoded.flush();
  }

  @Override
  public void setReading(boolean reading) {
    encoded.channel().config().setAutoRead(reading);
  }

  @Override
  public void close() {
    close(new CloseWebSocketFrame());
  }

  private void close(CloseWebSocketFrame frame) {
    ChannelHandlerContext ctx = context;
    if (closing || ctx == null) {
      frame.release();
      return;
    }
    closing = true;
    var unused = ctx.writeAndFlush(frame).addListener(ChannelFutureListener.CLOSE);
    loop.schedule(CLOSE_TIMEOUT, () -> closeChannel(ctx));
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (!closing && message instanceof WebSocketFrame frame) {
        read(ctx, frame);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void read(ChannelHandlerContext ctx, WebSocketFrame frame) {
    switch (frame) {
      case BinaryWebSocketFrame binary -> readData(binary);
      case ContinuationWebSocketFrame continuation -> readData(continuation);
      case PingWebSocketFrame ping -> {
        var unused =
            ctx.writeAndFlush(new PongWebSocketFrame(ping.content().retain()), ctx.voidPromise());
      }
      case PongWebSocketFrame pong -> {}
      case CloseWebSocketFrame close -> close(new CloseWebSocketFrame());
      default ->
          close(
              new CloseWebSocketFrame(
                  WebSocketCloseStatus.INVALID_MESSAGE_TYPE, "this endpoint speaks binary"));
    }
  }

  private void readData(WebSocketFrame frame) {
    ByteBuf content = frame.content();
    if (fragments.length + content.readableBytes() > maxMessageSize) {
      close(
          new CloseWebSocketFrame(
              WebSocketCloseStatus.MESSAGE_TOO_BIG,
              "a message may have " + maxMessageSize + " bytes"));
      return;
    }
    if (frame.isFinalFragment() && !fragmented) {
      byte[] bytes = new byte[content.readableBytes()];
      content.readBytes(bytes);
      received(bytes);
      return;
    }
    byte[] joined = java.util.Arrays.copyOf(fragments, fragments.length + content.readableBytes());
    content.readBytes(joined, fragments.length, joined.length - fragments.length);
    fragmented = !frame.isFinalFragment();
    fragments = fragmented ? joined : NOTHING;
    if (!fragmented) {
      received(joined);
    }
  }

  private void received(byte[] bytes) {
    if (listener != null) {
      listener.received(BinaryCodec.decodeClient(bytes));
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (listener != null && !closing) {
      listener.writabilityChanged();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closing = true;
    ConnectionListener last = listener;
    listener = null;
    if (last != null) {
      last.closed();
    }
  }

  /**
   * The codec has answered a violation of the WebSocket protocol with a close frame already; a
   * reset is an ordinary way to leave. Only bugs are worth a line.
   */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException
        || cause instanceof io.netty.handler.codec.http.websocketx.WebSocketHandshakeException
        || cause instanceof io.netty.handler.codec.CodecException) {
      LOG.debug("connection {} fails: {}", id, cause.toString());
    } else {
      LOG.error("connection {} is closed because of a bug", id, cause);
    }
    if (cause instanceof io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException) {
      closing = true;
      loop.schedule(CLOSE_TIMEOUT, () -> closeChannel(ctx));
      return;
    }
    closeChannel(ctx);
  }

  private static void closeChannel(ChannelHandlerContext ctx) {
    var unused = ctx.channel().close();
  }
}

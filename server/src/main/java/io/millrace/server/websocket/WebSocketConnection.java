package io.millrace.server.websocket;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.codec.DecodeResult;
import io.millrace.server.transport.Connection;
import io.millrace.server.transport.ConnectionListener;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.Handshake;
import io.millrace.server.transport.SharedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketHandshakeException;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's socket: one protocol message per WebSocket message (protocol §1.1), in the format of
 * its endpoint. Sits behind the WebSocket codec; frames that are encoded already are written past
 * it.
 */
final class WebSocketConnection extends ChannelInboundHandlerAdapter implements Connection {
  private static final Logger LOG = LoggerFactory.getLogger(WebSocketConnection.class);

  /** How long a peer may take to read what is left before a close. */
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  private final long id;
  private final NettyEventLoop loop;
  private final WireFormat format;
  private final int maxMessageSize;
  private final ChannelHandlerContext encoded;
  private Handshake handshake;
  private @Nullable ChannelHandlerContext context;
  private @Nullable ConnectionListener listener;

  /** The message that has begun and not ended. */
  private @Nullable ByteArrayOutputStream fragments;

  private boolean flushQueued;
  private boolean closing;

  /** Whether what comes is received although the connection is closing. */
  private boolean hearingOut;

  /**
   * @param encoded the context of the frame encoder: what is written there passes it by
   */
  WebSocketConnection(
      long id,
      NettyEventLoop loop,
      Handshake handshake,
      WireFormat format,
      int maxMessageSize,
      ChannelHandlerContext encoded) {
    this.id = id;
    this.loop = loop;
    this.handshake = handshake;
    this.format = format;
    this.maxMessageSize = maxMessageSize;
    this.encoded = encoded;
  }

  /** Gives the connection its session; to be called when the handler is in the pipeline. */
  void open(Function<Connection, ConnectionListener> sessions) {
    if (encoded.channel().isActive()) {
      listener = sessions.apply(this);
    }
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
  public Handshake handshake() {
    return handshake;
  }

  @Override
  public void forgetHandshake() {
    handshake = Handshake.FORGOTTEN;
  }

  @Override
  public boolean isWritable() {
    return encoded.channel().isWritable();
  }

  @Override
  public void send(ServerMessage message) {
    write(format.frame(message, encoded.alloc()));
  }

  @Override
  public void send(SharedMessage message) {
    write(((SharedFrame) message).forOneMore(format));
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

  @Override
  public void close(int code, String reason) {
    close(new CloseWebSocketFrame(code, reason));
  }

  @Override
  public void closeHearingOut() {
    ChannelHandlerContext ctx = context;
    if (closing || ctx == null) {
      return;
    }
    closing = true;
    hearingOut = true;
    var unused = ctx.writeAndFlush(new CloseWebSocketFrame());
    loop.schedule(CLOSE_TIMEOUT, () -> closeChannel(ctx));
  }

  /** The peer has said all that it had to say. */
  private void heardOut(ChannelHandlerContext ctx) {
    hearingOut = false;
    if (listener != null) {
      listener.closing();
    }
    setReading(true);
    endOutput(ctx);
  }

  private void close(CloseWebSocketFrame frame) {
    ChannelHandlerContext ctx = context;
    if (closing || ctx == null) {
      frame.release();
      return;
    }
    closing = true;
    // To close with unread input would reset the connection, and the peer might never read why. So
    // only our half ends; what still comes is thrown away until the peer has closed its half.
    setReading(true);
    var unused = ctx.writeAndFlush(frame).addListener(written -> endOutput(ctx));
    loop.schedule(CLOSE_TIMEOUT, () -> closeChannel(ctx));
    if (listener != null) {
      // Not only when the peer has closed its half: it may take the whole time, or be dead.
      listener.closing();
    }
  }

  private static void endOutput(ChannelHandlerContext ctx) {
    if (ctx.channel() instanceof DuplexChannel channel) {
      var unused = channel.shutdownOutput();
    } else {
      closeChannel(ctx);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if ((!closing || hearingOut) && message instanceof WebSocketFrame frame) {
        read(ctx, frame);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void read(ChannelHandlerContext ctx, WebSocketFrame frame) {
    switch (frame) {
      case BinaryWebSocketFrame binary when format == WireFormat.BINARY -> readData(binary);
      case TextWebSocketFrame text when format == WireFormat.JSON -> readData(text);
      case ContinuationWebSocketFrame continuation -> readData(continuation);
      case PingWebSocketFrame ping when closing -> {}
      case PingWebSocketFrame ping -> {
        var unused =
            ctx.writeAndFlush(new PongWebSocketFrame(ping.content().retain()), ctx.voidPromise());
      }
      case PongWebSocketFrame pong -> {}
      case CloseWebSocketFrame close when hearingOut -> heardOut(ctx);
      case CloseWebSocketFrame close -> close(new CloseWebSocketFrame());
      default ->
          close(
              new CloseWebSocketFrame(
                  WebSocketCloseStatus.INVALID_MESSAGE_TYPE, format.reminder()));
    }
  }

  private void readData(WebSocketFrame frame) {
    ByteBuf content = frame.content();
    int size = content.readableBytes();
    ByteArrayOutputStream begun = fragments;
    if ((begun == null ? 0 : begun.size()) + size > maxMessageSize) {
      close(
          new CloseWebSocketFrame(
              WebSocketCloseStatus.MESSAGE_TOO_BIG,
              "a message may have " + maxMessageSize + " bytes"));
      return;
    }
    byte[] bytes = new byte[size];
    content.readBytes(bytes);
    if (begun == null && frame.isFinalFragment()) {
      received(bytes);
      return;
    }
    if (begun == null) {
      begun = new ByteArrayOutputStream();
      fragments = begun;
    }
    begun.writeBytes(bytes);
    if (frame.isFinalFragment()) {
      fragments = null;
      received(begun.toByteArray());
    }
  }

  private void received(byte[] bytes) {
    if (listener == null) {
      return;
    }
    DecodeResult<ClientMessage> result = format.decode(bytes);
    if (format.isForeign(result)) {
      close(new CloseWebSocketFrame(WebSocketCloseStatus.INVALID_PAYLOAD_DATA, format.reminder()));
      return;
    }
    listener.received(result);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (listener != null && (!closing || hearingOut)) {
      // Also to be heard out: a session that waits for room does not read.
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

  /** A reset is an ordinary way to leave. Only bugs are worth a line. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof CorruptedWebSocketFrameException violation) {
      // From here on the codec throws away what comes.
      close(new CloseWebSocketFrame(violation.closeStatus(), violation.getMessage()));
      return;
    }
    if (cause instanceof IOException
        || cause instanceof WebSocketHandshakeException
        || cause instanceof CodecException) {
      LOG.debug("connection {} fails: {}", id, cause.toString());
    } else {
      LOG.error("connection {} is closed because of a bug", id, cause);
    }
    closeChannel(ctx);
  }

  private static void closeChannel(ChannelHandlerContext ctx) {
    var unused = ctx.channel().close();
  }
}

package io.millrace.benchmarks.client;

import io.millrace.protocol.AuthAction;
import io.millrace.protocol.AuthReply;
import io.millrace.protocol.AuthRequest;
import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ConnectionAction;
import io.millrace.protocol.ConnectionReply;
import io.millrace.protocol.ConnectionRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.codec.BinaryCodec;
import io.millrace.protocol.value.JsonText;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A socket from the upgrade over the login to the messages. One handler without a pipeline behind
 * it, because the client's work takes time from the server on the same machine.
 */
final class ClientHandler extends ChannelInboundHandlerAdapter {
  private static final String END_OF_HEAD = "\r\n\r\n";
  private static final byte[] PING = BinaryCodec.encode(new ConnectionRequest.Ping());
  private static final long PING_SECONDS = 20;

  private final String upgrade;
  private final FrameMemory memory;
  private final LoadClient.Listener listener;
  private final CompletableFuture<LoadClient> loggedIn = new CompletableFuture<>();
  private @Nullable ByteBuf rest;
  private @Nullable Future<?> pings;
  private boolean upgraded;
  private boolean reading;
  private boolean unflushed;
  private volatile boolean leaving;

  ClientHandler(String upgrade, FrameMemory memory, LoadClient.Listener listener) {
    this.upgrade = upgrade;
    this.memory = memory;
    this.listener = listener;
  }

  /** Fails when the socket ends before. */
  CompletableFuture<LoadClient> loggedIn() {
    return loggedIn;
  }

  /** From now on, the end of the socket is no surprise. */
  void leave() {
    leaving = true;
  }

  void send(Channel channel, byte[] payload) {
    write(channel, WebSocketFrames.BINARY, payload);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    var unused =
        context.writeAndFlush(
            ByteBufUtil.writeAscii(context.alloc(), upgrade), context.voidPromise());
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    reading = true;
    ByteBuf in = (ByteBuf) message;
    if (rest != null) {
      in = rest.writeBytes(in);
      ((ByteBuf) message).release();
    }
    readAll(context, in);
    if (!in.isReadable()) {
      in.release();
      rest = null;
    } else if (rest == null) {
      rest = context.alloc().buffer(in.readableBytes()).writeBytes(in);
      in.release();
    } else {
      rest.discardSomeReadBytes();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    reading = false;
    if (unflushed) {
      unflushed = false;
      context.flush();
    }
  }

  private void readAll(ChannelHandlerContext context, ByteBuf in) {
    if (!upgraded && !readUpgrade(context, in)) {
      return;
    }
    for (long length = WebSocketFrames.frameLength(in);
        length >= 0 && length <= in.readableBytes();
        length = WebSocketFrames.frameLength(in)) {
      int end = in.readerIndex() + (int) length;
      int opcode = WebSocketFrames.skipHeader(in);
      switch (opcode) {
        case WebSocketFrames.BINARY -> read(context, in, end);
        case WebSocketFrames.PING ->
            write(
                context.channel(),
                WebSocketFrames.PONG,
                ByteBufUtil.getBytes(in, in.readerIndex(), end - in.readerIndex()));
        case WebSocketFrames.CLOSE -> fail(context, "the server closed the connection");
        default -> {}
      }
      in.readerIndex(end);
    }
  }

  private boolean readUpgrade(ChannelHandlerContext context, ByteBuf in) {
    String head = in.toString(StandardCharsets.US_ASCII);
    int end = head.indexOf(END_OF_HEAD);
    if (end < 0) {
      return false;
    }
    in.skipBytes(end + END_OF_HEAD.length());
    if (!head.startsWith("HTTP/1.1 101 ")) {
      fail(context, "no upgrade: " + head.lines().findFirst().orElse(""));
      return false;
    }
    upgraded = true;
    say(context, new ConnectionRequest.Challenge(null, "0.1a", null, "bench"));
    return true;
  }

  private void read(ChannelHandlerContext context, ByteBuf in, int end) {
    ServerMessage message = memory.read(in, end - in.readerIndex());
    if (message == null) {
      fail(context, "the server sent what is no message");
    } else if (loggedIn.isDone()) {
      if (!(message instanceof ConnectionReply)) {
        listener.received(message);
      }
    } else {
      logIn(context, message);
    }
  }

  private void logIn(ChannelHandlerContext context, ServerMessage message) {
    if (message.action() == ConnectionAction.ACCEPT) {
      say(context, new AuthRequest.Login(JsonText.EMPTY_OBJECT));
    } else if (message instanceof AuthReply reply && reply.action() == AuthAction.AUTH_SUCCESSFUL) {
      Channel channel = context.channel();
      pings =
          context
              .executor()
              .scheduleAtFixedRate(
                  () -> send(channel, PING), PING_SECONDS, PING_SECONDS, TimeUnit.SECONDS);
      loggedIn.complete(new LoadClient(channel, this));
    } else {
      fail(context, "no login: " + message.action());
    }
  }

  private void say(ChannelHandlerContext context, ClientMessage message) {
    send(context.channel(), BinaryCodec.encode(message));
  }

  private void write(Channel channel, int opcode, byte[] payload) {
    ByteBuf frame = WebSocketFrames.frame(channel.alloc(), opcode, payload);
    if (channel.eventLoop().inEventLoop() && reading) {
      unflushed = true;
      var unused = channel.write(frame, channel.voidPromise());
    } else {
      var unused = channel.writeAndFlush(frame, channel.voidPromise());
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    fail(context, "the connection ended");
    if (rest != null) {
      rest.release();
      rest = null;
    }
    if (pings != null) {
      pings.cancel(false);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    fail(context, cause.toString());
  }

  private void fail(ChannelHandlerContext context, String reason) {
    boolean wasOpen = loggedIn.isDone();
    loggedIn.completeExceptionally(new IOException(reason));
    if (wasOpen && !leaving) {
      leaving = true;
      listener.lost(reason);
    }
    var unused = context.close();
  }
}

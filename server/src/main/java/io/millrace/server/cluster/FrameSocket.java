package io.millrace.server.cluster;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;
import java.nio.BufferUnderflowException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One socket between two nodes: numbered frames both ways, heartbeats, one end. On its loop. */
final class FrameSocket {

  /** What its owner makes of it. */
  interface Owner {
    /** A frame but a heartbeat has come; exceptions of reading it are faults of the other end. */
    void take(FrameKind kind, FrameInput body) throws LinkFault;

    /** Called once; nothing is taken afterwards. */
    void ended(StreamEnd reason, String detail);
  }

  private final NetSocket socket;
  private final FrameReader reader;
  private final Owner owner;
  private final FrameOutput out = new FrameOutput();
  private long number;
  private long heardNs = System.nanoTime();
  private boolean spoke = true;
  private boolean paused;
  private boolean ended;
  private long unsent;

  FrameSocket(NetSocket socket, int largestFrame, Owner owner) {
    this.socket = socket;
    this.reader = new FrameReader(largestFrame);
    this.owner = owner;
  }

  /** Begins to read. */
  void open() {
    socket.handler(this::read);
    socket.exceptionHandler(failure -> end(StreamEnd.CLOSED, String.valueOf(failure.getMessage())));
    socket.closeHandler(closed -> end(StreamEnd.CLOSED, "closed by the other end"));
  }

  /** The other end is known: longer frames may come. */
  void allow(int frameBytes) {
    reader.allow(frameBytes);
  }

  boolean hasEnded() {
    return ended;
  }

  /** Bytes that were handed to the socket and that it still holds. */
  long unsent() {
    return unsent;
  }

  /** Bytes that wait for {@link #flush}. */
  int written() {
    return out.size();
  }

  /** Begins a frame; what follows goes to {@link #output} until {@link #endFrame}. */
  int beginFrame(FrameKind kind) {
    int at = out.reserveInt();
    number++;
    out.writeLong(number);
    out.writeByte(kind.ordinal());
    return at;
  }

  FrameOutput output() {
    return out;
  }

  void endFrame(int at) {
    out.fillLength(at);
  }

  /** Hands all frames to the socket in one piece; the future completes when that has sent them. */
  Future<Void> flush() {
    Buffer piece = out.take();
    int length = piece.length();
    unsent += length;
    spoke = true;
    return socket.write(piece).onComplete(sent -> unsent -= length);
  }

  /** Sends a frame at once. */
  void send(FrameKind kind, Consumer<FrameOutput> body) {
    if (ended) {
      return;
    }
    int at = beginFrame(kind);
    body.accept(out);
    endFrame(at);
    var unused = flush();
  }

  /** A heartbeat, if nothing was said since the last call. */
  void beat() {
    if (!spoke) {
      send(FrameKind.HEARTBEAT, body -> {});
    }
    spoke = false;
  }

  /** How long nothing was heard, if it could have been. */
  long silentNs(long nowNs) {
    return paused ? 0 : nowNs - heardNs;
  }

  /** This node was busy with something else for so long, and has not listened. */
  void forgive(long ns) {
    heardNs += ns;
  }

  /** Lets the other end wait; nothing more is read, but for what is here already. */
  void pause() {
    paused = true;
    socket.pause();
  }

  void resume() {
    if (paused && !ended) {
      paused = false;
      heardNs = System.nanoTime();
      socket.resume();
    }
  }

  void end(StreamEnd reason, String detail) {
    if (ended) {
      return;
    }
    ended = true;
    // At once: Vert.x's own close would wait until a stalled peer has read what is queued.
    var unused = ((NetSocketInternal) socket).channelHandlerContext().channel().close();
    owner.ended(reason, detail);
  }

  private void read(Buffer chunk) {
    if (ended) {
      return;
    }
    heardNs = System.nanoTime();
    try {
      reader.add(chunk);
      FrameReader.@Nullable Frame frame = reader.next();
      while (frame != null && !ended) {
        if (frame.kind() != FrameKind.HEARTBEAT) {
          owner.take(frame.kind(), frame.body());
        }
        frame = ended ? null : reader.next();
      }
    } catch (LinkFault fault) {
      end(StreamEnd.FAULT, String.valueOf(fault.getMessage()));
    } catch (BufferUnderflowException | IllegalArgumentException fault) {
      end(StreamEnd.FAULT, "cannot be read: " + fault);
    }
  }
}

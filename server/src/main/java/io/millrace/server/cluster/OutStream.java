package io.millrace.server.cluster;

import io.millrace.server.peer.PeerFeature;
import io.millrace.server.peer.PeerTopic;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What this node says to another one, for as long as the stream lasts. Messages are queued by any
 * thread as they are; the link loop writes them to their format, all that wait at once, and leaves
 * them in the queue while the socket has enough. Nothing is left out: when too much waits the
 * stream ends.
 */
final class OutStream {

  /** What the socket may hold: enough to keep it busy, little enough to be thrown away. */
  private static final int SOCKET_BYTES = 1 << 20;

  /** Written at once; then others on the loop have their turn. */
  private static final int TURN_BYTES = 256 << 10;

  /** A batch goes on in the next frame after this. */
  private static final int BATCH_BYTES = 64 << 10;

  /** What a message takes in the queue, beside itself. */
  private static final int ENTRY_BYTES = 64;

  /** In which everything is said that the other node has to know at first. */
  private static final Duration BEGINNING = Duration.ofSeconds(10);

  private sealed interface Queued {
    long weight();
  }

  private record Said<M>(PeerFeature<M> feature, M message, long weight) implements Queued {}

  private record Asked(SettleRound round) implements Queued {
    @Override
    public long weight() {
      return ENTRY_BYTES;
    }
  }

  private record Token(long number, List<SettleRound> rounds) {}

  private final FrameSocket socket;
  private final LinkLoop loop;
  private final LinkCounter counter;
  private final long limit;
  private final int longest;
  private final long begunNs = System.nanoTime();
  private final Queue<Queued> queue = new ConcurrentLinkedQueue<>();
  private final AtomicLong waiting = new AtomicLong();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final AtomicBoolean full = new AtomicBoolean();
  private final Deque<Token> tokens = new ArrayDeque<>();
  private final int[] sent = new int[PeerTopic.values().length];
  private long lastToken;
  private volatile boolean beginning = true;
  private volatile boolean ended;

  OutStream(FrameSocket socket, LinkLoop loop, LinkCounter counter, LinkLimits limits) {
    this.socket = socket;
    this.loop = loop;
    this.counter = counter;
    this.limit = limits.queueBytes();
    this.longest = limits.frameBytes() - BATCH_BYTES - LinkRules.HELLO_BYTES;
  }

  /** Queues the message; false when the stream has ended or is about to. From any thread. */
  <M> boolean send(PeerFeature<M> feature, M message) {
    return offer(new Said<>(feature, message, feature.weight(message) + (long) ENTRY_BYTES));
  }

  /**
   * Asks the other node to say when it is done with what was sent by this thread; false when the
   * stream has ended. From any thread.
   */
  boolean ask(SettleRound round) {
    return offer(new Asked(round));
  }

  private boolean offer(Queued item) {
    if (ended || full.get()) {
      return false;
    }
    if (waiting.addAndGet(item.weight()) > (beginning ? limit * LinkLimits.AT_FIRST : limit)) {
      waiting.addAndGet(-item.weight());
      if (full.compareAndSet(false, true)) {
        loop.execute(() -> socket.end(StreamEnd.FULL, "more waits to be sent than may wait"));
      }
      return false;
    }
    queue.add(item);
    if (ended && queue.remove(item)) {
      return false;
    }
    schedule();
    return true;
  }

  private void schedule() {
    if (!scheduled.get() && scheduled.compareAndSet(false, true)) {
      loop.execute(this::turn);
    }
  }

  private void turn() {
    scheduled.set(false);
    // After a message that was refused for want of room nothing may follow: that would be a hole.
    if (ended || full.get() || socket.unsent() >= SOCKET_BYTES) {
      return;
    }
    try {
      writeAll();
    } catch (RuntimeException failure) {
      socket.end(StreamEnd.FAULT, "a message could not be written: " + failure);
      return;
    }
    if (beginning && System.nanoTime() - begunNs > BEGINNING.toNanos() && waiting.get() < limit) {
      beginning = false;
    }
    if (!queue.isEmpty()) {
      schedule();
    }
  }

  private void writeAll() {
    List<SettleRound> rounds = new ArrayList<>();
    long taken = 0;
    int frame = -1;
    while (socket.written() < TURN_BYTES) {
      Queued next = queue.poll();
      if (next == null) {
        break;
      }
      taken += next.weight();
      switch (next) {
        case Said<?> said -> {
          frame = frame < 0 ? socket.beginFrame(FrameKind.BATCH) : frame;
          write(said, socket.output());
          if (socket.written() - frame >= BATCH_BYTES) {
            socket.endFrame(frame);
            frame = -1;
          }
        }
        case Asked asked -> rounds.add(asked.round());
      }
    }
    if (frame >= 0) {
      socket.endFrame(frame);
    }
    if (!rounds.isEmpty()) {
      writeToken(rounds);
    }
    flush(taken);
  }

  private <M> void write(Said<M> said, FrameOutput out) {
    out.writeByte(said.feature().topic().ordinal());
    int length = out.reserveInt();
    said.feature().write(said.message(), out);
    out.fillLength(length);
    if (out.size() - length > longest) {
      throw new IllegalStateException(
          "%d bytes of %s are more than a frame may have"
              .formatted(out.size() - length, said.feature().topic()));
    }
    sent[said.feature().topic().ordinal()]++;
  }

  /** One token for all who ask now: it stands after what they have said. */
  private void writeToken(List<SettleRound> rounds) {
    lastToken++;
    tokens.add(new Token(lastToken, rounds));
    int frame = socket.beginFrame(FrameKind.SETTLE);
    socket.output().writeLong(lastToken);
    socket.endFrame(frame);
  }

  private void flush(long taken) {
    int bytes = socket.written();
    if (bytes == 0) {
      return;
    }
    for (PeerTopic topic : PeerTopic.values()) {
      if (sent[topic.ordinal()] > 0) {
        counter.sent(topic, sent[topic.ordinal()]);
        sent[topic.ordinal()] = 0;
      }
    }
    counter.written(bytes);
    waiting.addAndGet(bytes - taken);
    var unused =
        socket
            .flush()
            .onComplete(
                done -> {
                  waiting.addAndGet(-bytes);
                  if (!queue.isEmpty()) {
                    schedule();
                  }
                });
  }

  /** The other node is done with what was said before the token. */
  void settled(long token) {
    for (Token first = tokens.peek();
        first != null && first.number() <= token;
        first = tokens.peek()) {
      tokens.remove();
      first.rounds().forEach(SettleRound::answered);
    }
  }

  /** The stream is no more; nobody waits for it any longer. On the link loop. */
  void end() {
    ended = true;
    settled(Long.MAX_VALUE);
    for (Queued next = queue.poll(); next != null; next = queue.poll()) {
      if (next instanceof Asked asked) {
        asked.round().answered();
      }
    }
  }
}

package io.millrace.server.cluster;

import io.millrace.server.peer.NodeId;
import io.vertx.core.net.NetSocket;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A stream from another node, from its first byte to its end. On the link loop. */
final class Incoming implements FrameSocket.Owner {
  private static final Logger LOG = LoggerFactory.getLogger(Incoming.class);

  /** Taken in and not yet done by the loops that it was handed to; then the other end waits. */
  private static final long MOST_UNDONE_BYTES = 16L << 20;

  /** After so much, all loops are asked whether they are done. */
  private static final long ROUND_BYTES = 1L << 20;

  /** Who may come in. */
  interface Door {
    /** A node has said who it is: {@link #welcome} may be called now or later. */
    void knocked(Incoming incoming);

    void closed(Incoming incoming, StreamEnd reason, String detail);
  }

  private final FrameSocket socket;
  private final String from;
  private final LinkRules rules;
  private final LinkLoop loop;
  private final OpenFeatures features;
  private final Door door;
  private final long begunNs = System.nanoTime();
  private @Nullable Hello hello;
  private boolean welcomed;
  private long undone;
  private long unasked;

  Incoming(NetSocket socket, LinkRules rules, LinkLoop loop, OpenFeatures features, Door door) {
    this.socket = new FrameSocket(socket, LinkRules.HELLO_BYTES, this);
    this.from = String.valueOf(socket.remoteAddress());
    this.rules = rules;
    this.loop = loop;
    this.features = features;
    this.door = door;
  }

  FrameSocket socket() {
    return socket;
  }

  /** Who it says it is, null if it has not yet. */
  @Nullable Hello hello() {
    return hello;
  }

  /** The node at the other end, empty if it has not said which. */
  String node() {
    Hello known = hello;
    return known == null ? "" : known.from();
  }

  /** The number that the other end has given to the stream. */
  long attempt() {
    Hello known = hello;
    return known == null ? 0 : known.attempt();
  }

  boolean isWelcomed() {
    return welcomed;
  }

  long ageNs(long nowNs) {
    return nowNs - begunNs;
  }

  /** The socket's other end. */
  String from() {
    return from;
  }

  /** Begins the stream. */
  void welcome(Hello known) {
    welcomed = true;
    LOG.info("stream {} > {} is up ({})", NodeId.name(known.from()), NodeId.name(known.to()), from);
    socket.allow(rules.limits().frameBytes());
    socket.send(FrameKind.WELCOME, out -> {});
  }

  @Override
  public void take(FrameKind kind, FrameInput body) throws LinkFault {
    Hello known = hello;
    switch (kind) {
      case HELLO -> {
        if (known != null) {
          throw new LinkFault("a second hello");
        }
        hello = Hello.read(body);
        door.knocked(this);
      }
      case BATCH -> takeBatch(speaker(), body);
      case SETTLE -> {
        speaker();
        settle(body.readLong());
      }
      case WELCOME, SETTLED, HEARTBEAT -> throw new LinkFault("an unexpected " + kind);
    }
  }

  private String speaker() throws LinkFault {
    Hello known = hello;
    if (known == null || !welcomed) {
      throw new LinkFault("a message before the welcome");
    }
    return known.from();
  }

  private void takeBatch(String node, FrameInput batch) throws LinkFault {
    int length = batch.remaining();
    while (batch.remaining() > 0 && !socket.hasEnded()) {
      int topic = batch.readByte();
      features.received(node, topic, batch.part(batch.readInt()));
    }
    limitUndone(length);
  }

  /** Memory: loops that are busy must not be handed more and more to do. */
  private void limitUndone(int length) {
    undone += length;
    unasked += length;
    if (unasked < ROUND_BYTES) {
      return;
    }
    long asked = unasked;
    unasked = 0;
    loop.afterAllLoops(
        () -> {
          undone -= asked;
          if (undone < MOST_UNDONE_BYTES) {
            socket.resume();
          }
        });
    if (undone >= MOST_UNDONE_BYTES) {
      socket.pause();
    }
  }

  private void settle(long token) {
    loop.afterAllLoops(() -> socket.send(FrameKind.SETTLED, out -> out.writeLong(token)));
  }

  @Override
  public void ended(StreamEnd reason, String detail) {
    Hello known = hello;
    if (welcomed && known != null) {
      LOG.info(
          "stream {} > {} is down: {} {}",
          NodeId.name(known.from()),
          NodeId.name(known.to()),
          reason,
          detail);
    }
    door.closed(this, reason, detail);
  }
}

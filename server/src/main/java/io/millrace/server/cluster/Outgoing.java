package io.millrace.server.cluster;

import io.millrace.server.peer.NodeId;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's side of its stream to another node: connects, says hello, waits to be welcomed, and
 * does so again when the stream ends, for as long as the node is a member. On the link loop.
 */
final class Outgoing {
  private static final Logger LOG = LoggerFactory.getLogger(Outgoing.class);
  private static final Duration FIRST_RETRY = Duration.ofMillis(200);
  private static final Duration LONGEST_RETRY = Duration.ofSeconds(2);

  /** A stream that held so long was a good one. */
  private static final Duration GOOD = Duration.ofSeconds(5);

  /** Longer than the other end waits for news of this member. */
  private static final Duration WELCOME = LinkRules.ADMISSION.plusSeconds(1);

  /** What becomes of its streams. */
  interface Listener {
    void opened(FrameSocket socket);

    void closed(FrameSocket socket);

    void up(String node, OutStream stream) throws LinkFault;

    void down(String node, StreamEnd reason);
  }

  private final String node;
  private final LinkAddress address;
  private final LinkRules rules;
  private final LinkLoop loop;
  private final NetClient client;
  private final LinkCounter counter;
  private final Listener listener;
  private Duration retry = FIRST_RETRY;
  private boolean stopped;
  private boolean toldOfFailure;
  private @Nullable Try current;

  Outgoing(
      String node,
      LinkAddress address,
      LinkRules rules,
      LinkLoop loop,
      NetClient client,
      LinkCounter counter,
      Listener listener) {
    this.node = node;
    this.address = address;
    this.rules = rules;
    this.loop = loop;
    this.client = client;
    this.counter = counter;
    this.listener = listener;
  }

  void connect() {
    if (stopped) {
      return;
    }
    client
        .connect(address.port(), address.host())
        .onComplete(
            socket -> greet(socket),
            failure -> {
              tellOfFailure(String.valueOf(failure.getMessage()));
              tryAgain();
            });
  }

  /** Ends the stream for good. */
  void stop(StreamEnd reason) {
    stopped = true;
    if (current != null) {
      current.socket.end(reason, "");
    }
  }

  private void greet(NetSocket socket) {
    Try begun = new Try(socket);
    current = begun;
    listener.opened(begun.socket);
    begun.socket.open();
    if (stopped) {
      begun.socket.end(StreamEnd.STOPPED, "");
      return;
    }
    begun.socket.send(
        FrameKind.HELLO,
        out -> new Hello(System.nanoTime(), rules.cluster(), rules.self(), node).write(out));
    loop.after(
        WELCOME,
        () -> {
          if (begun.stream == null) {
            begun.socket.end(StreamEnd.SILENT, "no welcome");
          }
        });
  }

  private void tryAgain() {
    if (!stopped) {
      loop.after(LinkLoop.about(retry), this::connect);
      Duration next = retry.multipliedBy(2);
      retry = next.compareTo(LONGEST_RETRY) < 0 ? next : LONGEST_RETRY;
    }
  }

  private void tellOfFailure(String detail) {
    if (toldOfFailure || stopped) {
      LOG.debug("no stream to {} at {} yet: {}", node, address, detail);
      return;
    }
    toldOfFailure = true;
    LOG.info("no stream to {} at {} yet: {}; trying again", node, address, detail);
  }

  /** One socket, from hello to its end. */
  private final class Try implements FrameSocket.Owner {
    private final FrameSocket socket;
    private final long begunNs = System.nanoTime();
    private @Nullable OutStream stream;

    Try(NetSocket socket) {
      this.socket = new FrameSocket(socket, LinkRules.HELLO_BYTES, this);
    }

    @Override
    public void take(FrameKind kind, FrameInput body) throws LinkFault {
      OutStream up = stream;
      switch (kind) {
        case WELCOME -> {
          if (up != null) {
            throw new LinkFault("a second welcome");
          }
          begin();
        }
        case SETTLED -> {
          if (up == null) {
            throw new LinkFault("an answer before the welcome");
          }
          up.settled(body.readLong());
        }
        case HELLO, BATCH, SETTLE, HEARTBEAT -> throw new LinkFault("an unexpected " + kind);
      }
    }

    private void begin() throws LinkFault {
      LOG.info("stream {} > {} is up ({})", name(rules.self()), name(node), address);
      toldOfFailure = false;
      OutStream begun = new OutStream(socket, loop, counter, rules.limits());
      stream = begun;
      listener.up(node, begun);
    }

    @Override
    public void ended(StreamEnd reason, String detail) {
      listener.closed(socket);
      OutStream up = stream;
      if (up == null) {
        tellOfFailure(detail);
      } else {
        LOG.info("stream {} > {} is down: {} {}", name(rules.self()), name(node), reason, detail);
        up.end();
        listener.down(node, reason);
        if (System.nanoTime() - begunNs > GOOD.toNanos()) {
          retry = FIRST_RETRY;
        }
      }
      current = null;
      tryAgain();
    }

    private static String name(String id) {
      return NodeId.name(id);
    }
  }
}

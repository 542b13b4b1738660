package io.millrace.server.peer;

import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.EventLoops;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Nodes whose links are in the hand of a test: messages pass through their format and wait in
 * order, one queue for each direction between two nodes, until they are delivered one by one; links
 * are cut and mended when told to. On the test's thread only.
 */
public final class ManualPeers {
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final Map<Way, Stream> streams = new LinkedHashMap<>();

  private record Way(String from, String to) {}

  private record Packet(Runnable arrive, Runnable lose) {}

  private static final class Stream {
    final Deque<Packet> waiting = new ArrayDeque<>();
  }

  /** A node that is not linked to any other yet. */
  public Node node(String name, EventLoops loops) {
    Node node = new Node(name, loops);
    nodes.put(name, node);
    return node;
  }

  /** Links the two in both directions. */
  public void link(String one, String other) {
    begin(new Way(one, other));
    begin(new Way(other, one));
  }

  /** Links one direction only. */
  public void linkOneWay(String from, String to) {
    begin(new Way(from, to));
  }

  /** Cuts one direction only; what was on its way is lost. */
  public void cutOneWay(String from, String to) {
    end(new Way(from, to));
  }

  /** Links every node with every other. */
  public void linkAll() {
    List<String> all = List.copyOf(nodes.keySet());
    for (int i = 0; i < all.size(); i++) {
      for (int j = i + 1; j < all.size(); j++) {
        link(all.get(i), all.get(j));
      }
    }
  }

  /** Cuts both directions; what was on its way is lost. */
  public void cut(String one, String other) {
    end(new Way(one, other));
    end(new Way(other, one));
  }

  /** Cuts all links of the node. */
  public void cutAll(String node) {
    for (String other : nodes.keySet()) {
      if (!other.equals(node)) {
        cut(node, other);
      }
    }
  }

  /** The directions, as "from>to", on which something waits. */
  public List<String> busy() {
    List<String> busy = new ArrayList<>();
    streams.forEach(
        (way, stream) -> {
          if (!stream.waiting.isEmpty()) {
            busy.add(way.from() + ">" + way.to());
          }
        });
    return busy;
  }

  /** Delivers the oldest message of a direction named as {@link #busy} does. */
  public void deliverOne(String direction) {
    String[] ends = direction.split(">", -1);
    Stream stream = streams.get(new Way(ends[0], ends[1]));
    if (stream == null || stream.waiting.isEmpty()) {
      throw new IllegalArgumentException("nothing waits on " + direction);
    }
    stream.waiting.remove().arrive().run();
  }

  /** Delivers all that waits now. */
  public void deliverAll() {
    for (String direction : busy()) {
      String[] ends = direction.split(">", -1);
      Stream stream = streams.get(new Way(ends[0], ends[1]));
      for (int left = stream == null ? 0 : stream.waiting.size(); left > 0; left--) {
        deliverOne(direction);
      }
    }
  }

  private void begin(Way way) {
    if (streams.putIfAbsent(way, new Stream()) == null) {
      require(way.from()).features().forEach(feature -> feature.joined(way.to()));
    }
  }

  private void end(Way way) {
    Stream stream = streams.remove(way);
    if (stream != null) {
      stream.waiting.forEach(packet -> packet.lose().run());
      require(way.to()).features().forEach(feature -> feature.left(way.from()));
    }
  }

  private Node require(String name) {
    Node node = nodes.get(name);
    if (node == null) {
      throw new IllegalArgumentException("there is no node " + name);
    }
    return node;
  }

  /** One node's view of the others. */
  public final class Node implements Peers {
    private final String name;
    private final EventLoops loops;
    private final Map<PeerTopic, PeerFeature<?>> features = new EnumMap<>(PeerTopic.class);

    Node(String name, EventLoops loops) {
      this.name = name;
      this.loops = loops;
    }

    Collection<PeerFeature<?>> features() {
      return features.values();
    }

    @Override
    public <M> PeerChannel<M> open(PeerFeature<M> feature) {
      features.put(feature.topic(), feature);
      return new PeerChannel<>() {
        @Override
        public boolean send(String to, M message) {
          Stream stream = streams.get(new Way(name, to));
          if (stream == null) {
            return false;
          }
          ManualMessage written = new ManualMessage();
          feature.write(message, written);
          stream.waiting.add(
              new Packet(() -> require(to).take(name, feature.topic(), written), () -> {}));
          return true;
        }

        @Override
        public Set<String> nodes() {
          Set<String> reachable = new TreeSet<>();
          for (Way way : streams.keySet()) {
            if (way.from().equals(name)) {
              reachable.add(way.to());
            }
          }
          return reachable;
        }
      };
    }

    private void take(String from, PeerTopic topic, ManualMessage message) {
      PeerFeature<?> feature = features.get(topic);
      if (feature != null) {
        take(feature, from, message);
      }
    }

    private static <M> void take(PeerFeature<M> feature, String from, ManualMessage message) {
      M read = feature.read(message);
      if (!message.isRead()) {
        throw new IllegalStateException(read + " was not read to its end");
      }
      feature.received(from, read);
    }

    /** Asks every node that can be reached; one whose link is cut meanwhile counts as answered. */
    @Override
    public void settle(EventLoop own, Runnable done) {
      Settling settling = new Settling(own, done);
      for (Way way : List.copyOf(streams.keySet())) {
        if (way.from().equals(name)) {
          settling.ask(way);
        }
      }
      settling.answered();
    }

    private final class Settling {
      private final EventLoop own;
      private final Runnable done;
      private int open = 1;

      Settling(EventLoop own, Runnable done) {
        this.own = own;
        this.done = done;
      }

      void ask(Way way) {
        Stream stream = streams.get(way);
        if (stream == null) {
          return;
        }
        open++;
        stream.waiting.add(new Packet(() -> take(way), this::answered));
      }

      private void take(Way way) {
        Node other = require(way.to());
        int[] busyLoops = {other.loops.count()};
        for (EventLoop loop : other.loops.all()) {
          loop.execute(
              () -> {
                busyLoops[0]--;
                if (busyLoops[0] == 0) {
                  reply(new Way(way.to(), way.from()));
                }
              });
        }
      }

      private void reply(Way back) {
        Stream stream = streams.get(back);
        if (stream == null) {
          answered();
        } else {
          stream.waiting.add(new Packet(this::answered, this::answered));
        }
      }

      void answered() {
        open--;
        if (open == 0) {
          own.run(done);
        }
      }
    }
  }

  /** A message in its format. */
  private static final class ManualMessage implements PeerOutput, PeerInput {
    private final Deque<Object> parts = new ArrayDeque<>();

    boolean isRead() {
      return parts.isEmpty();
    }

    @Override
    public void writeByte(int value) {
      parts.add((byte) value);
    }

    @Override
    public void writeBoolean(boolean value) {
      parts.add(value);
    }

    @Override
    public void writeInt(int value) {
      parts.add(value);
    }

    @Override
    public void writeLong(long value) {
      parts.add(value);
    }

    @Override
    public void writeText(String value) {
      parts.add(value);
    }

    @Override
    public int readByte() {
      return next(Byte.class) & 0xff;
    }

    @Override
    public boolean readBoolean() {
      return next(Boolean.class);
    }

    @Override
    public int readInt() {
      return next(Integer.class);
    }

    @Override
    public long readLong() {
      return next(Long.class);
    }

    @Override
    public String readText() {
      return next(String.class);
    }

    private <T> T next(Class<T> type) {
      @Nullable Object part = parts.poll();
      return type.cast(
          Objects.requireNonNull(part, "the message ends before " + type.getSimpleName()));
    }
  }
}

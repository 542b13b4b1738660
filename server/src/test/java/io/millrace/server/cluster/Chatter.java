package io.millrace.server.cluster;

import io.millrace.server.peer.PeerFeature;
import io.millrace.server.peer.PeerInput;
import io.millrace.server.peer.PeerOutput;
import io.millrace.server.peer.PeerTopic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** A feature that notes what it is told, stream by stream. */
final class Chatter implements PeerFeature<Chatter.Line> {

  /** What is said: the number-th line of a speaker. */
  record Line(int speaker, long number, String text) {
    Line(int speaker, long number) {
      this(speaker, number, "");
    }
  }

  /** Lines of a node, from the beginning of its stream to its end. */
  static final class Heard {
    final List<Line> lines = new ArrayList<>();
    boolean ended;

    synchronized List<Line> lines() {
      return List.copyOf(lines);
    }
  }

  private final Map<String, List<Heard>> heard = new ConcurrentHashMap<>();
  final List<String> joined = new CopyOnWriteArrayList<>();
  final List<String> left = new CopyOnWriteArrayList<>();
  volatile Consumer<String> onJoined = node -> {};
  volatile BiConsumer<String, Line> onLine = (node, line) -> {};

  /** The streams of the node, but for those on which nothing was said. */
  List<Heard> streamsOf(String node) {
    return heard.computeIfAbsent(node, unknown -> new CopyOnWriteArrayList<>());
  }

  /** How many lines have come on the streams of all nodes. */
  long count() {
    return heard.values().stream()
        .flatMap(List::stream)
        .mapToLong(stream -> stream.lines().size())
        .sum();
  }

  @Override
  public PeerTopic topic() {
    return PeerTopic.EVENT;
  }

  @Override
  public void write(Line message, PeerOutput out) {
    out.writeInt(message.speaker());
    out.writeLong(message.number());
    out.writeText(message.text());
  }

  @Override
  public Line read(PeerInput in) {
    return new Line(in.readInt(), in.readLong(), in.readText());
  }

  @Override
  public int weight(Line message) {
    return 32 + 2 * message.text().length();
  }

  @Override
  public void joined(String node) {
    joined.add(node);
    onJoined.accept(node);
  }

  @Override
  public void left(String node) {
    left.add(node);
    List<Heard> streams = streamsOf(node);
    if (!streams.isEmpty()) {
      streams.getLast().ended = true;
    }
  }

  @Override
  public void received(String node, Line message) {
    List<Heard> streams = streamsOf(node);
    if (streams.isEmpty() || streams.getLast().ended) {
      streams.add(new Heard());
    }
    Heard stream = streams.getLast();
    synchronized (stream) {
      stream.lines.add(message);
    }
    onLine.accept(node, message);
  }
}

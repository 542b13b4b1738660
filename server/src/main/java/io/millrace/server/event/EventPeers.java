package io.millrace.server.event;

import io.millrace.protocol.value.JsonText;
import io.millrace.server.peer.NameNews;
import io.millrace.server.peer.PeerChannel;
import io.millrace.server.peer.PeerFeature;
import io.millrace.server.peer.PeerInput;
import io.millrace.server.peer.PeerOutput;
import io.millrace.server.peer.PeerTopic;
import io.millrace.server.peer.Peers;
import io.millrace.server.peer.SharedNames;
import io.millrace.server.transport.EventLoops;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What nodes say to each other about events: who has subscribers, and what was emitted. */
final class EventPeers {
  private final Peers peers;
  private final SharedNames names;
  private volatile @Nullable PeerChannel<Message> channel;

  /** What is said. */
  sealed interface Message {}

  record Subscribers(NameNews news) implements Message {}

  record Emitted(String name, @Nullable JsonText data) implements Message {}

  /** Takes what others have emitted; on the thread of a node's link. */
  interface Arrival {
    void emitted(String name, @Nullable JsonText data);
  }

  EventPeers(EventLoops loops, Peers peers) {
    this.peers = peers;
    this.names = SharedNames.strict(loops, peers, new NewsChannel());
  }

  /** Begins to talk, when the shards are there. */
  void open(Arrival arrival) {
    channel = peers.open(new Feature(arrival));
  }

  /** Which nodes have subscribers of a name. */
  SharedNames names() {
    return names;
  }

  /** Sends an event to a node that has subscribers; lost if the node cannot be reached. */
  void send(String node, String name, @Nullable JsonText data) {
    send(node, new Emitted(name, data));
  }

  private boolean send(String node, Message message) {
    PeerChannel<Message> open = channel;
    return open != null && open.send(node, message);
  }

  private final class NewsChannel implements PeerChannel<NameNews> {
    @Override
    public boolean send(String node, NameNews news) {
      return EventPeers.this.send(node, new Subscribers(news));
    }

    @Override
    public Set<String> nodes() {
      PeerChannel<Message> open = channel;
      return open == null ? Set.of() : open.nodes();
    }
  }

  private final class Feature implements PeerFeature<Message> {
    private final Arrival arrival;

    Feature(Arrival arrival) {
      this.arrival = arrival;
    }

    @Override
    public PeerTopic topic() {
      return PeerTopic.EVENT;
    }

    @Override
    public void joined(String node) {
      names.joined(node);
    }

    @Override
    public void left(String node) {
      names.left(node);
    }

    @Override
    public void received(String node, Message message) {
      switch (message) {
        case Subscribers subscribers -> names.received(node, subscribers.news());
        case Emitted emitted -> arrival.emitted(emitted.name(), emitted.data());
      }
    }

    @Override
    public int weight(Message message) {
      return switch (message) {
        case Subscribers subscribers -> NameNews.weight(subscribers.news());
        case Emitted emitted -> {
          JsonText data = emitted.data();
          yield 64 + 2 * (emitted.name().length() + (data == null ? 0 : data.text().length()));
        }
      };
    }

    @Override
    public void write(Message message, PeerOutput out) {
      switch (message) {
        case Subscribers subscribers -> {
          out.writeByte(0);
          NameNews.write(subscribers.news(), out);
        }
        case Emitted emitted -> {
          JsonText data = emitted.data();
          out.writeByte(1);
          out.writeText(emitted.name());
          out.writeOptionalText(data == null ? null : data.text());
        }
      }
    }

    @Override
    public Message read(PeerInput in) {
      int kind = in.readByte();
      return switch (kind) {
        case 0 -> new Subscribers(NameNews.read(in));
        case 1 -> {
          String name = in.readText();
          String data = in.readOptionalText();
          yield new Emitted(name, data == null ? null : new JsonText(data));
        }
        default -> throw new IllegalArgumentException("unknown kind of message " + kind);
      };
    }
  }
}

package io.millrace.server.presence;

import io.millrace.server.peer.Membership;
import io.millrace.server.peer.NameNews;
import io.millrace.server.peer.PeerChannel;
import io.millrace.server.peer.PeerFeature;
import io.millrace.server.peer.PeerInput;
import io.millrace.server.peer.PeerOutput;
import io.millrace.server.peer.PeerTopic;
import io.millrace.server.peer.Peers;
import io.millrace.server.peer.SharedNames;
import io.millrace.server.transport.EventLoops;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What nodes say to each other about presence: who is online on each. */
final class PresencePeers {

  /**
   * How long users stay online whose node cannot be reached while it is a member of the cluster: a
   * link that breaks is back in less, and thousands would leave and join for nothing.
   */
  static final Duration GRACE = Duration.ofSeconds(2);

  private final Peers peers;
  private final SharedNames users;
  private volatile @Nullable PeerChannel<NameNews> channel;

  PresencePeers(EventLoops loops, Peers peers, Membership membership) {
    this.peers = peers;
    this.users = SharedNames.lenient(loops, peers, new NewsChannel(), GRACE, membership);
  }

  /** Begins to talk, when the shards are there. */
  void open() {
    channel = peers.open(new Feature());
  }

  /** Which nodes have sockets of a user. */
  SharedNames users() {
    return users;
  }

  private final class NewsChannel implements PeerChannel<NameNews> {
    @Override
    public boolean send(String node, NameNews news) {
      PeerChannel<NameNews> open = channel;
      return open != null && open.send(node, news);
    }

    @Override
    public Set<String> nodes() {
      PeerChannel<NameNews> open = channel;
      return open == null ? Set.of() : open.nodes();
    }
  }

  private final class Feature implements PeerFeature<NameNews> {
    @Override
    public PeerTopic topic() {
      return PeerTopic.PRESENCE;
    }

    @Override
    public void joined(String node) {
      users.joined(node);
    }

    @Override
    public void left(String node) {
      users.left(node);
    }

    @Override
    public void received(String node, NameNews news) {
      users.received(node, news);
    }

    @Override
    public int weight(NameNews news) {
      return NameNews.weight(news);
    }

    @Override
    public void write(NameNews news, PeerOutput out) {
      NameNews.write(news, out);
    }

    @Override
    public NameNews read(PeerInput in) {
      return NameNews.read(in);
    }
  }
}

package io.millrace.server.presence;

import io.millrace.protocol.PresenceAction;
import io.millrace.protocol.PresencePush;
import io.millrace.protocol.PresenceRequest;
import io.millrace.server.auth.User;
import io.millrace.server.peer.ManualCluster;
import io.millrace.server.permission.OpenGate;
import io.millrace.server.subscription.FakeSubscriber;
import io.millrace.server.transport.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Presence on several nodes in the hand of a test. */
final class PresenceCluster {
  final ManualCluster nodes = new ManualCluster();

  Node start() {
    return new Node(nodes.start());
  }

  static final class Node {
    final ManualCluster.Node node;
    private final Presence presence;
    private int clients;
    int online;

    Node(ManualCluster.Node node) {
      this.node = node;
      PresenceCounter counter =
          new PresenceCounter() {
            @Override
            public void online(int change) {
              online += change;
            }

            @Override
            public void dropped() {}
          };
      this.presence = new Presence(node.loops().all(), new OpenGate(), counter, node.peers(), node);
    }

    /** Who is online as this node sees it, asked behind its back. */
    Set<String> sees() {
      Set<String> users = new TreeSet<>();
      node.loops().all().all().forEach(loop -> users.addAll(presence.shard(loop).online()));
      return users;
    }

    Client login(String user) {
      clients++;
      List<EventLoop> loops = node.loops().all().all();
      return new Client(this, user, clients, loops.get(clients % loops.size()));
    }
  }

  static final class Client {
    final Node node;
    final String user;
    final FakeSubscriber subscriber;
    private final PresenceSession session;
    boolean welcomed;

    Client(Node node, String user, int id, EventLoop loop) {
      this.node = node;
      this.user = user;
      this.subscriber = new FakeSubscriber(id, loop, new User(user, null, null));
      this.session = new PresenceSession(subscriber, node.presence);
      now(() -> session.opened(() -> welcomed = true));
    }

    void watches(String... users) {
      says(new PresenceRequest.Named(PresenceAction.SUBSCRIBE, List.of(users), "1"));
    }

    void watchesAll() {
      says(new PresenceRequest.Everybody(PresenceAction.SUBSCRIBE_ALL));
    }

    void says(PresenceRequest request) {
      now(() -> session.handle(request));
    }

    void leaves() {
      now(session::close);
    }

    /** As "+user" and "-user" for who came and went, in each role; other answers as they are. */
    List<Object> hears() {
      List<Object> heard = new ArrayList<>();
      for (Object message : subscriber.take()) {
        if (message instanceof PresencePush.Change change) {
          heard.add(
              switch (change.action()) {
                case PRESENCE_JOIN, PRESENCE_JOIN_ALL -> "+" + change.user();
                case PRESENCE_LEAVE, PRESENCE_LEAVE_ALL -> "-" + change.user();
                default -> throw new AssertionError("unexpected " + message);
              });
        } else if (!(message instanceof PresencePush.Ack)) {
          heard.add(message);
        }
      }
      return heard;
    }

    private void now(Runnable step) {
      node.node.loops().runFirst(subscriber.loop().index(), step);
    }
  }
}

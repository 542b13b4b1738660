package io.millrace.server.event;

import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventPush;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.peer.ManualCluster;
import io.millrace.server.subscription.FakeSubscriber;
import io.millrace.server.subscription.InterestObserver;
import io.millrace.server.transport.CountedMessages;
import io.millrace.server.transport.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Events on several nodes in the hand of a test. */
final class EventCluster {
  final ManualCluster nodes = new ManualCluster();

  Node start() {
    return new Node(nodes.start());
  }

  /** A node; ids of sockets are the same on all nodes, as they may be in life. */
  final class Node {
    final ManualCluster.Node node;
    final CountedMessages messages = new CountedMessages();
    private final Events events;
    private int clients;

    Node(ManualCluster.Node node) {
      this.node = node;
      this.events =
          new Events(
              node.loops().all(),
              messages,
              new EventCounter() {
                @Override
                public void delivered(int count) {}

                @Override
                public void dropped(int count) {}
              },
              InterestObserver.NONE,
              node.peers());
    }

    /** The nodes that this one sends events of the name to. */
    Set<String> interested(String name) {
      Set<String> others = new TreeSet<>();
      events.shard(events.home(name)).forEachInterestedNode(name, others::add);
      return others;
    }

    Client client() {
      clients++;
      List<EventLoop> loops = node.loops().all().all();
      return new Client(this, clients, loops.get(clients % loops.size()));
    }
  }

  static final class Client {
    final Node node;
    final FakeSubscriber subscriber;
    private final EventSession session;

    Client(Node node, int id, EventLoop loop) {
      this.node = node;
      this.subscriber = new FakeSubscriber(id, loop);
      this.session = new EventSession(subscriber, node.events);
    }

    void subscribes(List<String> names, String correlationId) {
      says(new EventRequest.Bulk(EventAction.SUBSCRIBE, names, correlationId));
    }

    void unsubscribes(List<String> names, String correlationId) {
      says(new EventRequest.Bulk(EventAction.UNSUBSCRIBE, names, correlationId));
    }

    void emits(String name, String data) {
      says(new EventRequest.Emit(name, new JsonText(data)));
    }

    void leaves() {
      now(session::close);
    }

    /** Acks by their correlation ids, events as "name=data". */
    List<String> hears() {
      List<String> heard = new ArrayList<>();
      for (Object message : subscriber.take()) {
        if (message instanceof EventPush.Emit emit) {
          JsonText data = emit.data();
          heard.add(emit.name() + "=" + (data == null ? "" : data.text()));
        } else if (message instanceof EventPush.Ack ack) {
          heard.add(String.valueOf(ack.correlationId()));
        } else {
          throw new AssertionError("unexpected " + message);
        }
      }
      return heard;
    }

    private void says(EventRequest request) {
      now(() -> session.handle(request));
    }

    /** As loops do with what they read from sockets: before what is queued. */
    private void now(Runnable step) {
      node.node.loops().runFirst(subscriber.loop().index(), step);
    }
  }
}

package io.millrace.server.event;

import io.millrace.protocol.EventPush;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.peer.HomeNames;
import io.millrace.server.peer.NameObserver;
import io.millrace.server.subscription.Interest;
import io.millrace.server.subscription.InterestObserver;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.EventLoops;
import io.millrace.server.transport.MessageEncoder;
import io.millrace.server.transport.SharedMessage;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The names that are at home on one event loop: how many subscribers each has here, on which loops,
 * and which other nodes have some. An event goes once to each of those nodes, which delivers it to
 * its own. Confined to that loop.
 */
final class EventShard {
  private final EventLoops loops;
  private final List<EventReceivers> receivers;
  private final MessageEncoder encoder;
  private final InterestObserver interest;
  private final EventPeers peers;
  private final Map<String, int[]> subscribers = new HashMap<>();
  private final HomeNames names;

  EventShard(
      EventLoop home,
      EventPeers peers,
      EventLoops loops,
      List<EventReceivers> receivers,
      MessageEncoder encoder,
      InterestObserver interest) {
    this.loops = loops;
    this.receivers = receivers;
    this.encoder = encoder;
    this.interest = interest;
    this.peers = peers;
    this.names =
        peers
            .names()
            .home(home, Collections.unmodifiableSet(subscribers.keySet()), NameObserver.NONE);
  }

  /** That an event has a provider is nobody's business (protocol §4.2). */
  private record EventInterest(String name) implements Interest {
    @Override
    public void provided(boolean hasProvider) {}
  }

  /** A socket of that loop has subscribed to the name. */
  void subscribed(String name, int loop) {
    int[] byLoop = subscribers.get(name);
    if (byLoop == null) {
      byLoop = new int[loops.count()];
      subscribers.put(name, byLoop);
      interest.first(new EventInterest(name));
      names.added(name);
    } else {
      names.confirmed(name);
    }
    byLoop[loop]++;
  }

  /** A socket of that loop has the name no more. */
  void unsubscribed(String name, int loop) {
    int[] byLoop = subscribers.get(name);
    if (byLoop == null) {
      return;
    }
    byLoop[loop]--;
    for (int count : byLoop) {
      if (count > 0) {
        return;
      }
    }
    subscribers.remove(name);
    interest.last(name);
    names.removed(name);
  }

  /** The end of a step that changed something: others are told. */
  void flush(Runnable done) {
    names.flush();
    done.run();
  }

  /** The end of a step that holds when every node knows of it. */
  void settle(Runnable done) {
    names.settle(done);
  }

  /**
   * Sends an event to all who have subscribed, on whichever node.
   *
   * @param emitter the connection, which must not hear its own event
   */
  void emit(String name, @Nullable JsonText data, long emitter) {
    deliver(name, data, emitter);
    forEachInterestedNode(name, node -> peers.send(node, name, data));
  }

  void forEachInterestedNode(String name, Consumer<String> action) {
    names.forEachNode(name, action);
  }

  /**
   * Sends an event to all who have subscribed here, encoded once.
   *
   * @param except a connection that must not hear it
   */
  void deliver(String name, @Nullable JsonText data, long except) {
    int[] byLoop = subscribers.get(name);
    if (byLoop == null) {
      return;
    }
    SharedMessage message = encoder.share(new EventPush.Emit(name, data));
    for (int loop = 0; loop < byLoop.length; loop++) {
      if (byLoop[loop] > 0) {
        deliver(name, message, except, loop);
      }
    }
    message.release();
  }

  private void deliver(String name, SharedMessage message, long except, int loop) {
    message.retain();
    loops
        .get(loop)
        .run(
            () -> {
              try {
                receivers.get(loop).deliver(name, message, except);
              } finally {
                message.release();
              }
            });
  }
}

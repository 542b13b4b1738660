package io.millrace.server.event;

import io.millrace.protocol.EventPush;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.subscription.Interest;
import io.millrace.server.subscription.InterestObserver;
import io.millrace.server.transport.EventLoops;
import io.millrace.server.transport.MessageEncoder;
import io.millrace.server.transport.SharedMessage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The names that are at home on one event loop: how many subscribers each has, and on which loops.
 * Confined to that loop.
 */
final class EventShard {
  private final EventLoops loops;
  private final List<EventReceivers> receivers;
  private final MessageEncoder encoder;
  private final InterestObserver interest;
  private final Map<String, int[]> subscribers = new HashMap<>();

  EventShard(
      EventLoops loops,
      List<EventReceivers> receivers,
      MessageEncoder encoder,
      InterestObserver interest) {
    this.loops = loops;
    this.receivers = receivers;
    this.encoder = encoder;
    this.interest = interest;
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
  }

  /**
   * Sends an event to all who have subscribed, encoded once.
   *
   * @param except the connection that emitted it, which must not hear its own event
   */
  void emit(String name, @Nullable JsonText data, long except) {
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

package io.millrace.server.event;

import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventPush;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.ParserReply;
import io.millrace.protocol.value.Json;
import io.millrace.server.subscription.Subscriber;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.SharedMessage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What one session does with events (protocol §4.1). Confined to the session's loop; what belongs
 * to a name is handed to the name's home loop.
 */
public final class EventSession {

  /** Names that one socket may subscribe to; ten times what the largest seat map has. */
  static final int MAX_SUBSCRIPTIONS = 100_000;

  private final Subscriber subscriber;
  private final Events events;
  private final EventBacklog backlog;
  private final Set<String> names = new HashSet<>(0);

  public EventSession(Subscriber subscriber, Events events) {
    this.subscriber = subscriber;
    this.events = events;
    this.backlog = new EventBacklog(subscriber, events.counter());
  }

  /** Carries out one request. */
  public void handle(EventRequest request) {
    switch (request) {
      case EventRequest.Bulk bulk when bulk.action() == EventAction.SUBSCRIBE -> subscribe(bulk);
      case EventRequest.Bulk bulk -> unsubscribe(bulk);
      case EventRequest.Emit emit -> emit(emit);
      // Served by package listen.
      case EventRequest.Listen listen -> notServed(listen);
      case EventRequest.ListenAnswer answer -> notServed(answer);
      case EventRequest.Unexpected unexpected -> notServed(unexpected);
    }
  }

  /** The connection can take more, or not. */
  public void writabilityChanged() {
    backlog.drain();
  }

  /** The connection is gone. */
  public void close() {
    List<String> all = List.copyOf(names);
    names.clear();
    forget(all);
    atHome(all, EventShard::unsubscribed, EventShard::flush, () -> {});
    backlog.clear();
  }

  long id() {
    return subscriber.id();
  }

  /** An event that somebody else has emitted. */
  void offer(SharedMessage message) {
    if (backlog.isEmpty() && subscriber.isWritable()) {
      subscriber.send(message);
    } else {
      backlog.add(message);
    }
  }

  private void subscribe(EventRequest.Bulk request) {
    List<String> added = new ArrayList<>(request.names().size());
    EventReceivers receivers = events.receivers(subscriber.loop());
    for (String name : request.names()) {
      if (names.contains(name)) {
        subscriber.send(new EventPush.MultipleSubscriptions(name, EventAction.SUBSCRIBE));
      } else if (names.size() >= MAX_SUBSCRIPTIONS) {
        subscriber.send(
            new EventPush.Failure(
                EventAction.MESSAGE_DENIED,
                name,
                EventAction.SUBSCRIBE,
                true,
                request.correlationId()));
      } else {
        names.add(name);
        receivers.add(name, this);
        added.add(name);
      }
    }
    carryOut(request, added, EventShard::subscribed, EventShard::settle);
  }

  private void unsubscribe(EventRequest.Bulk request) {
    List<String> removed = request.names().stream().filter(names::remove).toList();
    forget(removed);
    carryOut(request, removed, EventShard::unsubscribed, EventShard::flush);
  }

  private void forget(Collection<String> removed) {
    EventReceivers receivers = events.receivers(subscriber.loop());
    removed.forEach(name -> receivers.remove(name, this));
  }

  /**
   * The ack of a subscription says that from here on every event arrives, wherever it is emitted:
   * it waits for all home loops, and each of them for the other nodes.
   */
  private void carryOut(
      EventRequest.Bulk request, List<String> changed, ShardStep step, ShardEnd last) {
    subscriber.requestStarted();
    atHome(
        changed,
        step,
        last,
        () -> {
          subscriber.send(new EventPush.Ack(request.action(), null, request.correlationId()));
          subscriber.requestEnded();
        });
  }

  private interface ShardStep {
    void apply(EventShard shard, String name, int loop);
  }

  private interface ShardEnd {
    void apply(EventShard shard, Runnable done);
  }

  private void atHome(Collection<String> changed, ShardStep step, ShardEnd last, Runnable done) {
    EventLoop own = subscriber.loop();
    events
        .loops()
        .atHomes(
            changed,
            own,
            (home, name) -> step.apply(events.shard(home), name, own.index()),
            (home, end) -> last.apply(events.shard(home), end),
            done);
  }

  private void emit(EventRequest.Emit request) {
    if (request.data() != null && Json.parse(request.data()).isEmpty()) {
      // Text that is no JSON would stop every client that receives it (§1.6).
      subscriber.send(
          new EventPush.Failure(
              EventAction.INVALID_MESSAGE_DATA, request.name(), EventAction.EMIT, true, null));
      return;
    }
    EventLoop home = events.home(request.name());
    EventShard shard = events.shard(home);
    long emitter = subscriber.id();
    if (home.inLoop()) {
      shard.emit(request.name(), request.data(), emitter);
      return;
    }
    // Counted, so that a socket cannot fill another loop's queue without end.
    subscriber.requestStarted();
    home.execute(
        () -> {
          shard.emit(request.name(), request.data(), emitter);
          subscriber.loop().execute(subscriber::requestEnded);
        });
  }

  private void notServed(EventRequest request) {
    subscriber.send(ParserReply.notServed(request));
  }
}

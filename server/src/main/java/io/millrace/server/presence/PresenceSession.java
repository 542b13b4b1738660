package io.millrace.server.presence;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.ParserReply;
import io.millrace.protocol.PresenceAction;
import io.millrace.protocol.PresencePush;
import io.millrace.protocol.PresenceRequest;
import io.millrace.protocol.value.Json;
import io.millrace.server.auth.User;
import io.millrace.server.subscription.Subscriber;
import io.millrace.server.transport.EventLoop;
import io.millrace.server.transport.EventLoops;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What one session has to do with presence (protocol §6): it makes its user be online, and watches
 * others. Confined to the session's loop.
 */
public final class PresenceSession {

  /** Users that one socket may watch by name. */
  static final int MAX_WATCHED = 100_000;

  /** What the reference calls everybody. */
  private static final String EVERYBODY = "%_EVERYONE_%";

  private final Subscriber subscriber;
  private final Presence presence;
  private final PendingChanges pending;
  private final Set<String> watched = new HashSet<>(0);
  private boolean watchesAll;
  private boolean online;

  public PresenceSession(Subscriber subscriber, Presence presence) {
    this.subscriber = subscriber;
    this.presence = presence;
    this.pending = new PendingChanges(subscriber, presence.gate(), presence.counter());
  }

  /**
   * The session's user is there. Who has no name of its own is not seen.
   *
   * @param announced is run on the session's loop when the other nodes know; at once, before
   *     anybody hears of it, when there are none (protocol §2.2)
   */
  public void opened(Runnable announced) {
    String id = subscriber.user().id();
    if (id.equals(User.ANONYMOUS) || id.equals(User.NAMELESS)) {
      announced.run();
      return;
    }
    online = true;
    EventLoop home = presence.loops().home(id);
    boolean alone = !presence.hasOtherNodes();
    if (alone) {
      announced.run();
    }
    // Queued, as all that concerns a user: run at once on the own loop, it would overtake what
    // another loop has handed over before, and a user with two sockets would come and go.
    home.execute(
        () -> {
          PresenceShard shard = presence.shard(home);
          shard.loggedIn(id);
          if (!alone) {
            shard.settle(() -> subscriber.loop().execute(announced));
          }
        });
  }

  /** Carries out one request. */
  public void handle(PresenceRequest request) {
    switch (request) {
      case PresenceRequest.Named named -> {
        switch (named.action()) {
          case SUBSCRIBE -> watch(named);
          case UNSUBSCRIBE -> unwatch(named);
          case QUERY -> query(named);
          default -> notServed(named);
        }
      }
      case PresenceRequest.Everybody everybody -> {
        switch (everybody.action()) {
          case SUBSCRIBE_ALL -> watchAll();
          case UNSUBSCRIBE_ALL -> unwatchAll();
          case QUERY_ALL -> queryAll();
          default -> notServed(everybody);
        }
      }
      case PresenceRequest.Unexpected unexpected -> notServed(unexpected);
    }
  }

  /** The connection can take more, or not. */
  public void writabilityChanged() {
    pending.drain();
  }

  /** The connection is gone. */
  public void close() {
    pending.close();
    EventLoop own = subscriber.loop();
    List<String> all = List.copyOf(watched);
    watched.clear();
    forget(all);
    presence.loops().atHomes(all, own, (home, user) -> shardUnwatch(home, user, own), () -> {});
    if (watchesAll) {
      watchesAll = false;
      presence.watchers(own).removeFromAll(this);
      onAllShards(-1, () -> {});
    }
    if (online) {
      online = false;
      String id = subscriber.user().id();
      EventLoop home = presence.loops().home(id);
      home.execute(() -> presence.shard(home).loggedOut(id));
    }
  }

  /** Somebody has come or gone. */
  void offer(PresenceChange change, boolean isOnline) {
    pending.add(change, isOnline);
  }

  // --- by name

  private void watch(PresenceRequest.Named request) {
    List<String> added = new ArrayList<>();
    EventLoop own = subscriber.loop();
    for (String user : request.names()) {
      if (watched.contains(user)) {
        subscriber.send(new PresencePush.MultipleSubscriptions(user, PresenceAction.SUBSCRIBE));
      } else if (watched.size() >= MAX_WATCHED) {
        subscriber.send(
            new PresencePush.Failure(
                PresenceAction.MESSAGE_DENIED,
                user,
                PresenceAction.SUBSCRIBE,
                true,
                request.correlationId()));
      } else {
        watched.add(user);
        presence.watchers(own).add(user, this);
        added.add(user);
      }
    }
    subscriber.requestStarted();
    presence
        .loops()
        .atHomes(
            added,
            own,
            (home, user) -> presence.shard(home).watch(user, own.index()),
            () -> acknowledge(request));
  }

  private void unwatch(PresenceRequest.Named request) {
    List<String> removed = request.names().stream().filter(watched::remove).toList();
    forget(removed);
    EventLoop own = subscriber.loop();
    subscriber.requestStarted();
    presence
        .loops()
        .atHomes(
            removed,
            own,
            (home, user) -> shardUnwatch(home, user, own),
            () -> acknowledge(request));
  }

  private void acknowledge(PresenceRequest.Named request) {
    end(new PresencePush.Ack(request.action(), request.correlationId()));
  }

  private void forget(List<String> users) {
    PresenceWatchers watchers = presence.watchers(subscriber.loop());
    users.forEach(user -> watchers.remove(user, this));
  }

  private void shardUnwatch(EventLoop home, String user, EventLoop own) {
    presence.shard(home).unwatch(user, own.index());
  }

  private void query(PresenceRequest.Named request) {
    subscriber.requestStarted();
    Map<String, Boolean> answers = Collections.synchronizedMap(new TreeMap<>());
    presence
        .loops()
        .atHomes(
            request.names(),
            subscriber.loop(),
            (home, user) -> answers.put(user, presence.shard(home).isOnline(user)),
            () -> {
              ObjectNode data = JsonNodeFactory.instance.objectNode();
              request.names().forEach(user -> data.put(user, answers.get(user)));
              end(new PresencePush.QueryResponse(request.correlationId(), Json.text(data)));
            });
  }

  // --- everybody

  private void watchAll() {
    if (watchesAll) {
      subscriber.send(
          new PresencePush.MultipleSubscriptions(EVERYBODY, PresenceAction.SUBSCRIBE_ALL));
      subscriber.send(new PresencePush.Ack(PresenceAction.SUBSCRIBE_ALL, null));
      return;
    }
    watchesAll = true;
    presence.watchers(subscriber.loop()).addToAll(this);
    subscriber.requestStarted();
    onAllShards(1, () -> end(new PresencePush.Ack(PresenceAction.SUBSCRIBE_ALL, null)));
  }

  private void unwatchAll() {
    subscriber.requestStarted();
    Runnable done = () -> end(new PresencePush.Ack(PresenceAction.UNSUBSCRIBE_ALL, null));
    if (!watchesAll) {
      done.run();
      return;
    }
    watchesAll = false;
    presence.watchers(subscriber.loop()).removeFromAll(this);
    onAllShards(-1, done);
  }

  private void onAllShards(int change, Runnable done) {
    EventLoop own = subscriber.loop();
    presence.loops().onAll(own, home -> presence.shard(home).watchAll(own.index(), change), done);
  }

  /**
   * One at a time: the answer names everybody who is online, so a few bytes would bring megabytes,
   * 128 times before anybody sees that they are not read (P6).
   */
  private void queryAll() {
    subscriber.requestStarted();
    subscriber.hold();
    List<String> users = Collections.synchronizedList(new ArrayList<>());
    EventLoops loops = presence.loops();
    loops.onAll(
        subscriber.loop(),
        home -> users.addAll(presence.shard(home).online()),
        () -> {
          users.remove(subscriber.user().id());
          presence
              .gate()
              .visibleUsers(
                  subscriber,
                  List.copyOf(users),
                  visible -> {
                    end(new PresencePush.QueryAllResponse(visible));
                    subscriber.release();
                  });
        });
  }

  private void end(PresencePush answer) {
    subscriber.send(answer);
    subscriber.requestEnded();
  }

  private void notServed(PresenceRequest request) {
    subscriber.send(ParserReply.notServed(request));
  }
}

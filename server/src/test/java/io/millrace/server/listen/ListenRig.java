package io.millrace.server.listen;

import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.config.ListenConfig;
import io.millrace.server.event.EventCounter;
import io.millrace.server.event.EventSession;
import io.millrace.server.event.Events;
import io.millrace.server.peer.Membership;
import io.millrace.server.peer.Peers;
import io.millrace.server.record.IdleRecords;
import io.millrace.server.record.RecordSession;
import io.millrace.server.subscription.FakeSubscriber;
import io.millrace.server.transport.CountedMessages;
import io.millrace.server.transport.ManualEventLoops;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Listening on a node with two loops, with the real features behind and fake sockets before. */
final class ListenRig {
  static final Duration RESPONSE_TIMEOUT = Duration.ofMillis(500);
  static final Duration REMATCH_INTERVAL = Duration.ofSeconds(60);
  static final Duration COOLDOWN = Duration.ofSeconds(10);

  final ManualEventLoops loops;
  final ListenTopic topic;
  private final Listening listening;
  private final Events events;
  private final IdleRecords records;
  private long nowNs = 1;
  private long sockets;

  ListenRig(ListenTopic topic) {
    this(topic, false, 0, Peers.NONE, Membership.alone("node"), new ManualEventLoops(2));
  }

  /** One of several nodes; its loops are those of the peers. */
  ListenRig(
      ListenTopic topic,
      boolean shuffle,
      long seed,
      Peers peers,
      Membership members,
      ManualEventLoops loops) {
    this.topic = topic;
    this.loops = loops;
    ListenConfig config = new ListenConfig(shuffle, RESPONSE_TIMEOUT, REMATCH_INTERVAL, COOLDOWN);
    listening =
        new Listening(
            topic, loops.all(), config, peers, members, () -> nowNs, () -> new Random(seed));
    events = new Events(loops.all(), new CountedMessages(), new NoCounts(), listening);
    records = new IdleRecords(loops, listening);
    loops.runAll();
  }

  private static final class NoCounts implements EventCounter {
    @Override
    public void delivered(int count) {}

    @Override
    public void dropped(int count) {}
  }

  Socket socket(int loop) {
    return new Socket(new FakeSubscriber(++sockets, loops.all().get(loop)));
  }

  /** A name that begins so and is at home on that loop. */
  String nameAt(int loop, String prefix) {
    return IntStream.range(0, 1_000)
        .mapToObj(i -> prefix + i)
        .filter(name -> loops.all().home(name).index() == loop)
        .findFirst()
        .orElseThrow();
  }

  void settle() {
    loops.runAll();
    while (records.waiting() > 0) {
      records.carryOut();
    }
    loops.runAll();
  }

  boolean isIdle() {
    return listening.isIdle();
  }

  /** Lets one request to the grid be answered, if there is one. */
  void answerOne() {
    records.carryOut(1);
  }

  /** Lets time go by; what is due then is done when the loops are run. */
  void advance(Duration duration) {
    nowNs += duration.toNanos();
    loops.advance(duration);
  }

  void pass(Duration duration) {
    advance(duration);
    settle();
  }

  /** A client. What it says is heard when its loop gets to it. */
  final class Socket {
    final FakeSubscriber subscriber;
    private final ListenSession listen;
    private final EventSession eventSession;
    private final RecordSession recordSession;

    Socket(FakeSubscriber subscriber) {
      this.subscriber = subscriber;
      listen = new ListenSession(subscriber, listening);
      eventSession = new EventSession(subscriber, events);
      recordSession =
          new RecordSession(subscriber, records.records(), (name, answer) -> answer.accept(true));
    }

    Socket listens(String pattern) {
      return says(() -> listen.listen(pattern));
    }

    Socket unlistens(String pattern) {
      return says(() -> listen.unlisten(pattern));
    }

    Socket accepts(String pattern, String name) {
      return says(() -> listen.accept(pattern, name));
    }

    Socket rejects(String pattern, String name) {
      return says(() -> listen.reject(pattern, name));
    }

    Socket subscribes(String... names) {
      return says(() -> bulk(true, names));
    }

    Socket unsubscribes(String... names) {
      return says(() -> bulk(false, names));
    }

    Socket deletes(String name) {
      return says(() -> recordSession.handle(new RecordRequest.Delete(new RecordName(name), null)));
    }

    Socket closes() {
      return says(
          () -> {
            eventSession.close();
            recordSession.close();
            listen.close();
          });
    }

    Socket reads(boolean writable) {
      return says(
          () -> {
            subscriber.setWritable(writable);
            listen.writabilityChanged();
            recordSession.writabilityChanged();
          });
    }

    private void bulk(boolean subscribe, String... names) {
      if (topic == ListenTopic.EVENT) {
        EventAction action = subscribe ? EventAction.SUBSCRIBE : EventAction.UNSUBSCRIBE;
        eventSession.handle(new EventRequest.Bulk(action, List.of(names), "0"));
        return;
      }
      RecordAction action =
          subscribe ? RecordAction.SUBSCRIBECREATEANDREAD : RecordAction.UNSUBSCRIBE;
      List<RecordName> all =
          IntStream.range(0, names.length).mapToObj(i -> new RecordName(names[i])).toList();
      recordSession.handle(new RecordRequest.Bulk(action, all, "0"));
    }

    private Socket says(Runnable words) {
      subscriber.loop().execute(words);
      return this;
    }

    /** What it was sent since this was last asked, once all is done that can be. */
    List<ServerMessage> hears() {
      settle();
      return subscriber.take();
    }
  }
}

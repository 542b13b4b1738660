package io.millrace.server.record;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.subscription.FakeSubscriber;
import io.millrace.server.tracing.NotedTracing;
import io.millrace.server.transport.CountedMessages;
import io.millrace.server.transport.ManualEventLoops;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The record feature of one node on two loops, before a grid and behind clients that are fakes. */
final class RecordRig {
  final ManualEventLoops loops = new ManualEventLoops(2);
  final String node;
  final FakeGrid grid;
  final CountedMessages messages = new CountedMessages();
  final NotedInterest interest = new NotedInterest();
  final NotedTracing tracing = new NotedTracing();
  final Records records;
  int delivered;
  int conflated;
  int compared;
  int repaired;
  private long connections;

  RecordRig() {
    this(FakeGrid.NODE, new FakeGrid());
  }

  /** One of several nodes on one grid. */
  RecordRig(String node, FakeGrid grid) {
    this.node = node;
    this.grid = grid;
    this.records =
        new Records(
            node,
            loops.all(),
            messages,
            (moreDelivered, moreConflated) -> {
              delivered += moreDelivered;
              conflated += moreConflated;
            },
            (moreCompared, moreRepaired) -> {
              compared += moreCompared;
              repaired += moreRepaired;
            },
            List.of("hot/"),
            loop -> grid.store(node, loop),
            interest,
            tracing);
  }

  /** A client whose connection lives on that loop. */
  Client client(int loop) {
    return new Client(new FakeSubscriber(++connections, loops.all().get(loop)));
  }

  /** A name that is at home on that loop. */
  RecordName nameAt(int loop, String prefix) {
    return IntStream.range(0, 1_000)
        .mapToObj(i -> new RecordName(prefix + i))
        .filter(name -> loops.all().home(name.value()).index() == loop)
        .findFirst()
        .orElseThrow();
  }

  /** Lets everything happen that can; what left the owner first arrives first. */
  void settle() {
    loops.runAll();
    while (grid.hasRequests() || grid.hasChanges() || grid.hasAnswers()) {
      grid.carryOutAll();
      while (grid.hasChanges() || grid.hasAnswers()) {
        arrive(grid.takeOldest());
      }
      loops.runAll();
    }
  }

  void arrive(FakeGrid.Arrival arrival) {
    RecordChange change = arrival.change();
    Runnable answer = arrival.answer();
    if (change != null) {
      records.changed(arrival.owner(), change);
    } else if (answer != null) {
      answer.run();
    }
  }

  void deliverChanges() {
    while (grid.hasChanges()) {
      records.changed(grid.owner(), grid.takeChange());
    }
    loops.runAll();
  }

  void loseChanges() {
    while (grid.hasChanges()) {
      grid.takeChange();
    }
  }

  void answerAll() {
    while (grid.hasAnswers()) {
      grid.answerOne();
    }
    loops.runAll();
  }

  void pass(Duration duration) {
    loops.advance(duration);
    settle();
  }

  /** Somebody on another node writes. */
  WriteOutcome writeElsewhere(RecordName name, RecordCommand command) {
    return grid.write(name, command);
  }

  /** A client with its session. */
  final class Client {
    final FakeSubscriber subscriber;
    final RecordSession session;

    Client(FakeSubscriber subscriber) {
      this.subscriber = subscriber;
      this.session = new RecordSession(subscriber, records, (name, answer) -> answer.accept(true));
    }

    /** Says it, and runs the loops; the grid does nothing yet. */
    void says(RecordRequest request) {
      later(request);
      loops.runAll();
    }

    /** Says it, when its loop gets to it. */
    void later(RecordRequest request) {
      subscriber.loop().execute(() -> session.handle(request));
    }

    void bulk(RecordAction action, RecordName... names) {
      says(new RecordRequest.Bulk(action, List.of(names), "7"));
    }

    /** Has subscribed and is up to date. */
    Client subscribed(RecordName... names) {
      bulk(RecordAction.SUBSCRIBECREATEANDREAD, names);
      settle();
      take();
      return this;
    }

    void patch(RecordName name, int version, String path, @Nullable String json, String ack) {
      says(
          new RecordRequest.Patch(
              RecordAction.PATCH,
              name,
              version,
              path,
              json == null ? null : new JsonText(json),
              ack.isEmpty() ? WriteAckRequest.NONE : new WriteAckRequest(true, ack)));
    }

    void setWritable(boolean writable) {
      subscriber
          .loop()
          .execute(
              () -> {
                subscriber.setWritable(writable);
                session.writabilityChanged();
              });
      loops.runAll();
    }

    void close() {
      subscriber.loop().execute(session::close);
      loops.runAll();
    }

    List<ServerMessage> take() {
      return subscriber.take();
    }

    /** The rest of what it was sent, without acks. */
    List<ServerMessage> takePushes() {
      return Stream.of(take())
          .flatMap(List::stream)
          .filter(message -> !(message instanceof io.millrace.protocol.RecordPush.Ack))
          .toList();
    }
  }
}

package io.millrace.server.http.sse;

import io.millrace.protocol.value.RecordName;
import io.millrace.server.auth.AuthOutcome;
import io.millrace.server.http.call.Answer;
import io.millrace.server.http.entry.Entrance;
import io.millrace.server.http.entry.Refusal;
import io.millrace.server.transport.EventLoop;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** The open streams of this node. Thread-safe. */
public final class RecordStreams {

  /**
   * Open streams on a node (P6): a connection of Vert.x's costs some 20 KiB, five times as much as
   * a WebSocket, so crowds belong there.
   */
  static final int MAX_STREAMS = 10_000;

  private final Entrance entrance;
  private final AtomicInteger open = new AtomicInteger();
  private final Map<RecordStream, EventLoop> streams = new ConcurrentHashMap<>();

  public RecordStreams(Entrance entrance) {
    this.entrance = entrance;
  }

  /** How many there are. */
  public int count() {
    return open.get();
  }

  /** Ends all streams in good order: their readers come again, and find another node. */
  public void endAll() {
    streams.forEach((stream, loop) -> loop.execute(stream::end));
  }

  /**
   * Makes the response a stream of the record; to be called on its event loop.
   *
   * @param refused is called instead, when the record may not be read or is not there
   */
  public void open(
      RoutingContext context,
      String name,
      AuthOutcome.Accepted login,
      Consumer<Answer.Failed> refused) {
    if (open.incrementAndGet() > MAX_STREAMS) {
      open.decrementAndGet();
      context.response().putHeader("retry-after", "10");
      context.fail(new Refusal(429, "Too many streams are open; try again later"));
      return;
    }
    EventLoop loop = entrance.loop();
    RecordStream stream =
        new RecordStream(
            new RecordName(name),
            context.request().getHeader("last-event-id"),
            "true".equals(context.request().getParam("wait")),
            new SseResponse(context.response(), loop),
            refused);
    streams.put(stream, loop);
    Instant expiresAt = login.expiresAt();
    EventLoop.Timer expiry =
        expiresAt == null
            ? () -> {}
            : loop.schedule(Duration.between(Instant.now(), expiresAt), stream::end);
    context.addEndHandler(
        ended -> {
          expiry.cancel();
          streams.remove(stream);
          stream.close();
          open.decrementAndGet();
        });
    stream.start(entrance.caller(login.user(), stream));
  }
}

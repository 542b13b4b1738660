package io.millrace.server.http.sse;

import io.millrace.server.transport.EventLoop;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;

/**
 * A response that is a stream of events, kept alive while nothing happens. Confined to its event
 * loop.
 */
final class SseResponse implements EventSink {

  /** Below the idle timeouts of common proxies. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(15);

  /** How many heartbeats a client may leave unread what it was sent; as for sockets. */
  private static final int STALL_LIMIT = 10;

  /** What may wait for a slow reader before it gets newer states instead: as for sockets. */
  private static final int WRITE_QUEUE_SIZE = 256 * 1024;

  private final HttpServerResponse response;
  private final EventLoop loop;
  private EventLoop.Timer heartbeat = () -> {};
  private int stalled;

  SseResponse(HttpServerResponse response, EventLoop loop) {
    this.response = response;
    this.loop = loop;
  }

  @Override
  public void open(Runnable writable) {
    response.setWriteQueueMaxSize(WRITE_QUEUE_SIZE);
    response.drainHandler(drained -> writable.run());
    response
        .setChunked(true)
        .putHeader("content-type", "text/event-stream; charset=utf-8")
        .putHeader("cache-control", "no-store")
        // nginx would keep events back until it has a buffer full of them.
        .putHeader("x-accel-buffering", "no")
        .write("retry: 1000\n\n");
    heartbeat = loop.schedule(HEARTBEAT, this::beat);
  }

  private void beat() {
    if (isWritable()) {
      stalled = 0;
      response.write(":\n\n");
    } else {
      stalled++;
    }
    if (stalled >= STALL_LIMIT) {
      response.reset();
      return;
    }
    heartbeat = loop.schedule(HEARTBEAT, this::beat);
  }

  @Override
  public void write(String event) {
    response.write(event);
  }

  @Override
  public boolean isWritable() {
    return !response.writeQueueFull();
  }

  @Override
  public void end() {
    if (!response.ended()) {
      response.end();
    }
  }

  @Override
  public void closed() {
    heartbeat.cancel();
  }
}

package io.millrace.server.websocket;

import io.millrace.server.transport.EventLoop;
import java.util.ArrayList;
import java.util.List;

/**
 * Connections of one loop that have something to flush. The flush is queued behind the tasks that
 * wait already, so that a burst of changes costs one system call per connection. Confined to the
 * loop.
 */
final class FlushQueue {
  private final EventLoop loop;
  private List<WebSocketConnection> dirty = new ArrayList<>();
  private List<WebSocketConnection> spare = new ArrayList<>();

  FlushQueue(EventLoop loop) {
    this.loop = loop;
  }

  /** To be called once per connection and tick. */
  void add(WebSocketConnection connection) {
    if (dirty.isEmpty()) {
      loop.execute(this::flush);
    }
    dirty.add(connection);
  }

  private void flush() {
    List<WebSocketConnection> now = dirty;
    dirty = spare;
    spare = now;
    for (int i = 0; i < now.size(); i++) {
      now.get(i).flush();
    }
    now.clear();
  }
}

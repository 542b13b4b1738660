package io.millrace.server.endtoend.lab;

import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventPush;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.JsonText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Emits numbered events and hears those of others: each at most once and in the emitter's order,
 * for as long as both sit on the same connection.
 */
final class EventClient extends Client {
  private static final long PAUSE_NS = 50_000_000;

  private final String event;
  private final Map<String, Integer> last = new HashMap<>();
  private int number;
  private int heard;
  private volatile boolean done;

  EventClient(String name, TestCluster cluster, int node, String event, History history) {
    super(name, cluster, node, history);
    this.event = event;
  }

  void beginToEmit() {
    begin();
    Thread.ofPlatform()
        .daemon()
        .name(name())
        .start(
            () -> {
              while (!done && !isClosed()) {
                emit();
                LockSupport.parkNanos(PAUSE_NS);
              }
            });
  }

  /** Emits its next event. */
  synchronized void emit() {
    String text = "\"" + name() + ":" + sitting() + ":" + ++number + "\"";
    boolean unused = send(new EventRequest.Emit(event, new JsonText(text)));
  }

  /** Emits nothing more by itself. */
  void finish() {
    done = true;
  }

  @Override
  void connected() {
    boolean unused = send(new EventRequest.Bulk(EventAction.SUBSCRIBE, List.of(event), "0"));
  }

  @Override
  synchronized void received(ServerMessage message) {
    switch (message) {
      case EventPush.Emit it -> heard(it.data());
      case EventPush.Ack it -> {}
      default -> history().fault("was sent " + message, name());
    }
  }

  private void heard(@Nullable JsonText data) {
    heard++;
    String text = data == null ? "" : data.text().replace("\"", "");
    int end = text.lastIndexOf(':');
    int number = Integer.parseInt(text.substring(end + 1));
    Integer before = last.put(text.substring(0, end), number);
    if (before != null && number <= before) {
      history().fault("heard " + text + " after number " + before, name());
    }
  }

  @Override
  synchronized void disconnected() {
    last.clear();
  }

  /** How many events of the others it has heard. */
  synchronized int heard() {
    return heard;
  }
}

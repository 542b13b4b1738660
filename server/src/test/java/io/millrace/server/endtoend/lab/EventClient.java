package io.millrace.server.endtoend.lab;

import static org.awaitility.Awaitility.await;

import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventPush;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.JsonText;
import java.time.Duration;
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

  /** Emits at each, now and then, until each of the others has heard of it. */
  static void awaitEachHearsEach(String when, List<EventClient> clients, Duration patience) {
    for (EventClient emitter : clients) {
      // What was emitted before must not be taken for this one.
      Map<EventClient, Integer> before = new HashMap<>();
      clients.forEach(each -> before.put(each, each.lastOf(emitter)));
      await(when + " all hear " + emitter.name())
          .atMost(patience)
          .until(
              () -> {
                emitter.emit();
                return clients.stream()
                    .allMatch(
                        each ->
                            each == emitter || each.lastOf(emitter) > before.getOrDefault(each, 0));
              });
    }
  }

  private synchronized int lastOf(EventClient emitter) {
    return last.getOrDefault(emitter.name() + ":" + emitter.sitting(), 0);
  }
}

package io.millrace.server.http.sse;

import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.http.call.Answer;
import io.millrace.server.http.call.HttpCaller;
import io.millrace.server.http.call.Replies;
import io.millrace.server.http.call.Requests;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A record as a stream: first its state, then every change, or a newer state when the reader was
 * too slow for the changes in between. It subscribes as a client does, so order, conflation and
 * permissions are the same. Confined to its event loop.
 *
 * <p>The id of an event says which life of the record its version belongs to: a version of a record
 * that was deleted and created again is another state. Who comes back with the id of the state that
 * is there now is sent no state.
 */
final class RecordStream implements HttpCaller.Inbox {
  private final RecordName name;
  private final @Nullable String lastEventId;
  private final boolean waits;
  private final EventSink sink;
  private final Consumer<Answer.Failed> refused;
  private @Nullable HttpCaller caller;
  private boolean isOpen;
  private boolean isFirst = true;
  private boolean resubscribes;
  private boolean ended;

  /**
   * @param lastEventId what the client has, null for nothing
   * @param waits whether a record that is not there is waited for, now and after its deletion
   */
  RecordStream(
      RecordName name,
      @Nullable String lastEventId,
      boolean waits,
      EventSink sink,
      Consumer<Answer.Failed> refused) {
    this.name = name;
    this.lastEventId = lastEventId;
    this.waits = waits;
    this.sink = sink;
    this.refused = refused;
  }

  void start(HttpCaller newCaller) {
    caller = newCaller;
    newCaller.say(Requests.follow(name));
  }

  /** Ends the response in good order. */
  void end() {
    if (!ended) {
      ended = true;
      sink.end();
    }
  }

  /** The connection has gone, or the response was ended. */
  void close() {
    ended = true;
    sink.closed();
    if (caller != null) {
      caller.close();
    }
  }

  @Override
  public void received(ServerMessage message) {
    if (ended) {
      return;
    }
    switch (message) {
      case RecordPush.ReadResponse state -> begin(state.version(), state.data());
      case RecordPush.Update state -> send("update", state.version(), body(state));
      case RecordPush.Patch patch -> send("patch", patch.version(), body(patch));
      case RecordPush.Deleted deleted -> deleted();
      case RecordPush.Failure failure -> refuse(Replies.failure(failure, name));
      case ServerMessage other -> {}
    }
  }

  private void begin(int version, JsonText data) {
    if (version < 0 && !waits) {
      refuse(new Answer.NotFound(name.value()));
      return;
    }
    if (!isOpen) {
      isOpen = true;
      sink.open(this::writabilityChanged);
    }
    boolean isKnown = isFirst && version >= 0 && id(version).equals(lastEventId);
    isFirst = false;
    if (version >= 0 && !isKnown) {
      send("snapshot", version, body(version, data));
    }
  }

  private void deleted() {
    sink.write("event: deleted\ndata: {}\n\n");
    if (!waits) {
      end();
      return;
    }
    // Not now: the subscription that has ended is still being taken down.
    resubscribes = true;
    if (caller != null) {
      caller.whenQuiet();
    }
  }

  private void refuse(Answer.Failed failed) {
    if (isOpen) {
      end();
      return;
    }
    ended = true;
    refused.accept(failed);
  }

  @Override
  public void idle() {
    if (resubscribes && caller != null && !ended) {
      resubscribes = false;
      caller.say(Requests.follow(name));
    }
  }

  @Override
  public boolean isWritable() {
    return !isOpen || sink.isWritable();
  }

  private void writabilityChanged() {
    if (caller != null) {
      caller.writabilityChanged();
    }
  }

  // --- the text of events

  private void send(String event, int version, String body) {
    sink.write("id: " + id(version) + "\nevent: " + event + "\ndata: " + body + "\n\n");
  }

  private String id(int version) {
    return (caller == null ? 0 : caller.lifeOf(name)) + "-" + version;
  }

  private static String body(RecordPush.Update state) {
    return body(state.version(), state.data());
  }

  private static String body(int version, JsonText data) {
    return "{\"version\":" + version + ",\"data\":" + oneLine(data) + "}";
  }

  private static String body(RecordPush.Patch patch) {
    JsonText data = patch.data();
    return "{\"version\":"
        + patch.version()
        + ",\"path\":"
        + Json.text(TextNode.valueOf(patch.path())).text()
        + (data == null ? "" : ",\"data\":" + oneLine(data))
        + "}";
  }

  /** Line breaks end a field of an event; in JSON they can only be space between tokens. */
  private static String oneLine(JsonText data) {
    return data.text().replace('\n', ' ').replace('\r', ' ');
  }
}

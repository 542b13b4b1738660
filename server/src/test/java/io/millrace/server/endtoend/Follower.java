package io.millrace.server.endtoend;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.codec.BinaryCodec;
import io.millrace.protocol.codec.DecodeResult;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonPatch;
import io.millrace.protocol.value.JsonPath;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A client that follows one record as clients do: with a copy that patches are applied to. It reads
 * when it is told to begin, and not before, so that it may be a stalled one until then. It keeps
 * nothing but the copy, and what went against P2.
 */
final class Follower implements AutoCloseable {
  private final RawSocket socket;
  private volatile int version = -1;
  private final AtomicInteger patches = new AtomicInteger();
  private final AtomicInteger states = new AtomicInteger();
  private volatile @Nullable String fault;
  private ContainerNode<?> data = JsonNodeFactory.instance.objectNode();

  /** Subscribes, and reads nothing of what comes then. */
  Follower(int port, String record) throws IOException {
    this(RawSocket.upgrade(port).login(), record);
  }

  /** Subscribes, and reads all that comes, as fast as it can. */
  static Follower reading(int port, String record) throws IOException {
    Follower reader = new Follower(RawSocket.upgradeWide(port).login(), record);
    reader.begin();
    return reader;
  }

  private Follower(RawSocket socket, String record) throws IOException {
    this.socket = socket;
    socket.send(
        new RecordRequest.Bulk(
            RecordAction.SUBSCRIBECREATEANDREAD, List.of(new RecordName(record)), "0"));
    while (version < 0) {
      take(next());
    }
    states.set(0);
  }

  /** Reads from now on, as fast as it can. */
  void begin() {
    Thread.ofPlatform().daemon().start(this::follow);
  }

  private void follow() {
    try {
      while (fault == null) {
        take(next());
      }
    } catch (IOException e) {
      fault = "the socket failed: " + e;
    }
  }

  private ServerMessage next() throws IOException {
    return switch (BinaryCodec.decodeServer(socket.read().payload())) {
      case DecodeResult.Decoded<ServerMessage>(ServerMessage message) -> message;
      case DecodeResult.Refused<ServerMessage> refused -> throw new IOException(refused.toString());
    };
  }

  private void take(ServerMessage message) {
    switch (message) {
      case RecordPush.ReadResponse response -> state(response.version(), response.data());
      case RecordPush.Update update -> state(update.version(), update.data());
      case RecordPush.Patch patch -> patch(patch);
      case RecordPush.Ack ack -> {}
      default -> fault = "it brought " + message;
    }
  }

  private void state(int newVersion, JsonText text) {
    if (newVersion <= version) {
      fault = "the state of version " + newVersion + " after version " + version;
      return;
    }
    data = (ContainerNode<?>) Json.parse(text).orElseThrow();
    states.incrementAndGet();
    version = newVersion;
  }

  private void patch(RecordPush.Patch patch) {
    if (patch.version() != version + 1) {
      fault = "a patch to version " + patch.version() + " after version " + version;
      return;
    }
    JsonText text = patch.data();
    JsonNode value = text == null ? null : Json.parse(text).orElseThrow();
    JsonPatch.apply(data, JsonPath.parse(patch.path()).orElseThrow(), value);
    patches.incrementAndGet();
    version = patch.version();
  }

  int version() {
    return version;
  }

  /** How many changes came one by one. */
  int patches() {
    return patches.get();
  }

  /** How many times the whole state came after the subscription. */
  int states() {
    return states.get();
  }

  /** What went against P2, null if nothing did. */
  @Nullable String fault() {
    return fault;
  }

  /** The copy; to be called when nothing more comes. */
  JsonNode data() {
    return data;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  @Override
  public String toString() {
    String what = "at version " + version + " by " + patches + " patches and " + states + " states";
    return fault == null ? what : what + ", " + fault;
  }
}

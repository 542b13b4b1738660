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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A client that only follows, and holds the server to P2: within one life of a record every version
 * comes once and in order, or a newer state. It subscribes again when a record was deleted.
 */
final class Observer implements AutoCloseable {
  private final RawSocket socket;
  private final Map<String, Copy> copies = new HashMap<>();
  private volatile @Nullable String fault;

  /** What it has of one record. */
  private static final class Copy {
    boolean subscribed;
    int version;
    ContainerNode<?> data = JsonNodeFactory.instance.objectNode();

    /** Versions that were left out, because a newer state came. */
    int skipped;

    /** By version: who wrote it, where that is beyond doubt. */
    final Map<Integer, String> writers = new TreeMap<>();

    /** Every tag ever seen, in patches and in states. */
    final Map<String, Integer> tags = new HashMap<>();
  }

  Observer(int port, List<String> records) throws IOException {
    socket = RawSocket.upgrade(port).login();
    for (String record : records) {
      copies.put(record, new Copy());
      subscribe(record);
    }
    Thread.ofPlatform().daemon().start(this::follow);
  }

  private void subscribe(String record) throws IOException {
    socket.send(
        new RecordRequest.Bulk(
            RecordAction.SUBSCRIBECREATEANDREAD, List.of(new RecordName(record)), "0"));
  }

  private void follow() {
    try {
      while (fault == null) {
        DecodeResult<ServerMessage> result = BinaryCodec.decodeServer(socket.read().payload());
        if (result instanceof DecodeResult.Decoded<ServerMessage> decoded) {
          take(decoded.message());
        } else {
          fault = result.toString();
        }
      }
    } catch (IOException | RuntimeException e) {
      fault = "stopped: " + e;
    }
  }

  private synchronized void take(ServerMessage message) throws IOException {
    switch (message) {
      case RecordPush.ReadResponse it -> begin(copy(it.name()), it.version(), it.data());
      case RecordPush.Update it -> state(copy(it.name()), it);
      case RecordPush.Patch it -> patch(copy(it.name()), it);
      case RecordPush.Deleted it -> {
        copy(it.name()).subscribed = false;
        subscribe(it.name().value());
      }
      case RecordPush.Ack it -> {}
      default -> fault = "it brought " + message;
    }
  }

  private void begin(Copy copy, int version, JsonText text) {
    if (copy.subscribed) {
      fault = "a read answer that nobody asked for";
    }
    copy.subscribed = true;
    copy.version = version;
    copy.data = (ContainerNode<?>) Json.parse(text).orElseThrow();
    noteTags(copy);
  }

  private void state(Copy copy, RecordPush.Update update) {
    if (!copy.subscribed || update.version() <= copy.version) {
      fault = "after version " + copy.version + ": " + update;
      return;
    }
    int missing = update.version() - copy.version - 1;
    copy.skipped += missing;
    copy.version = update.version();
    copy.data = (ContainerNode<?>) Json.parse(update.data()).orElseThrow();
    String all = copy.data.path("all").asText();
    if (missing == 0 && !all.isEmpty() && !copy.tags.containsKey(all)) {
      copy.writers.put(copy.version, all);
    }
    noteTags(copy);
  }

  private void patch(Copy copy, RecordPush.Patch patch) {
    if (!copy.subscribed || patch.version() != copy.version + 1) {
      fault = "after version " + copy.version + ": " + patch;
      return;
    }
    JsonText text = patch.data();
    JsonNode value = text == null ? null : Json.parse(text).orElseThrow();
    JsonPatch.apply(copy.data, JsonPath.parse(patch.path()).orElseThrow(), value);
    copy.version = patch.version();
    copy.tags.putIfAbsent(patch.path(), copy.version);
    copy.writers.put(copy.version, patch.path());
  }

  /** Names of members are tags of patches; the value of "all" is the tag of an update. */
  private static void noteTags(Copy copy) {
    copy.data.fieldNames().forEachRemaining(tag -> copy.tags.putIfAbsent(tag, copy.version));
    if (copy.data.has("all")) {
      copy.tags.putIfAbsent(copy.data.get("all").textValue(), copy.version);
    }
  }

  private Copy copy(RecordName name) {
    Copy copy = copies.get(name.value());
    if (copy == null) {
      throw new IllegalStateException("it brought " + name);
    }
    return copy;
  }

  /** Whether its copy is exactly this. */
  synchronized boolean has(String record, RecordReader.State state) {
    Copy copy = copy(new RecordName(record));
    return copy.subscribed && copy.version == state.version() && copy.data.equals(state.data());
  }

  /** The tag of the write that made a version, null if that is not known. */
  synchronized @Nullable String writer(String record, int version) {
    return copy(new RecordName(record)).writers.get(version);
  }

  synchronized boolean sawTag(String record, String tag) {
    return copy(new RecordName(record)).tags.containsKey(tag);
  }

  synchronized int skipped(String record) {
    return copy(new RecordName(record)).skipped;
  }

  /** What went against P2, null if nothing did. */
  @Nullable String fault() {
    return fault;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

package io.millrace.server.endtoend;

import static org.awaitility.Awaitility.await;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.codec.BinaryCodec;
import io.millrace.protocol.codec.DecodeResult;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A client that writes whatever comes to its mind: with the right version as far as it knows, an
 * old one, or by force; with and without acknowledgement. Each write has a tag of its own, and it
 * notes what became of those that are acknowledged.
 */
final class RacingClient implements AutoCloseable {
  private static final int UNANSWERED = 25;

  /** A write that wants to be acknowledged. */
  record Write(String record, String tag, int version, @Nullable String erased) {}

  /**
   * The server said that a write lost to the version {@code current}, when {@code seen} was the
   * newest that this client had been sent.
   */
  record Lost(String record, int seen, int current) {}

  private final int number;
  private final RawSocket socket;
  private final Random random;
  private final Map<String, Integer> seen = new HashMap<>();
  private final Map<String, Integer> guessed = new HashMap<>();
  private final Map<String, List<String>> tags = new HashMap<>();
  private final Map<String, Set<String>> erasures = new HashMap<>();
  private final Map<String, Write> open = new HashMap<>();
  private final List<Write> acked = new ArrayList<>();
  private final List<Lost> lost = new ArrayList<>();
  private int losses;
  private volatile @Nullable String fault;
  private int writes;

  RacingClient(int number, int port, List<String> records, long seed) throws IOException {
    this.number = number;
    random = new Random(seed * 31 + number);
    socket = RawSocket.upgrade(port).login();
    for (String record : records) {
      socket.send(subscription(record));
    }
    Thread.ofPlatform().daemon().start(this::listen);
    await().until(() -> fault != null || seenRecords() == records.size());
  }

  private static RecordRequest subscription(String record) {
    return new RecordRequest.Bulk(
        RecordAction.SUBSCRIBECREATEANDREAD, List.of(new RecordName(record)), "0");
  }

  private synchronized int seenRecords() {
    return seen.size();
  }

  // --- writing

  void remove(String record) throws IOException {
    socket.send(new RecordRequest.Delete(new RecordName(record), null));
  }

  /**
   * One write of chance.
   *
   * @param replaces whether it may replace the whole record
   */
  void write(String record, boolean replaces) throws IOException {
    await()
        .atMost(Duration.ofSeconds(90))
        .pollInterval(Duration.ofMillis(1))
        .until(() -> fault != null || unanswered() < UNANSWERED);
    RecordRequest.Write write = choose(new RecordName(record), replaces);
    socket.send(write);
  }

  private synchronized RecordRequest.Write choose(RecordName name, boolean replaces) {
    String record = name.value();
    String tag = "c" + number + "n" + writes++;
    int known = guessed.getOrDefault(record, 0);
    int version =
        switch (random.nextInt(4)) {
          case 0 -> -1;
          case 1 -> Math.max(0, known - random.nextInt(3));
          default -> known + 1;
        };
    if (version == known + 1) {
      guessed.put(record, version);
    }
    boolean acknowledged = random.nextBoolean();
    WriteAckRequest ack = new WriteAckRequest(acknowledged, acknowledged ? tag : null);
    List<String> mine = tags.computeIfAbsent(record, unused -> new ArrayList<>());
    int kind = random.nextInt(10);
    String erased = kind == 0 && !mine.isEmpty() ? mine.remove(random.nextInt(mine.size())) : null;
    if (acknowledged) {
      open.put(tag, new Write(record, erased == null ? tag : erased, version, erased));
    }
    if (erased != null) {
      erasures.computeIfAbsent(record, unused -> new HashSet<>()).add(erased);
      return new RecordRequest.Patch(RecordAction.ERASE, name, version, erased, null, ack);
    }
    mine.add(tag);
    JsonText value = new JsonText(Integer.toString(writes));
    if (kind == 1) {
      JsonText two =
          new JsonText(
              "[{\"path\":\"%s\",\"data\":1},{\"path\":\"both\",\"data\":2}]".formatted(tag));
      return new RecordRequest.PatchMulti(name, version, two, ack);
    }
    if (replaces && kind < 6) {
      JsonText all = new JsonText("{\"all\":\"%s\"}".formatted(tag));
      return new RecordRequest.Update(RecordAction.UPDATE, name, version, all, ack);
    }
    return new RecordRequest.Patch(RecordAction.PATCH, name, version, tag, value, ack);
  }

  private synchronized int unanswered() {
    return open.size();
  }

  /** Returns when every acknowledgement that was asked for has come, in whatever sense. */
  void awaitAnswers() {
    await().atMost(Duration.ofSeconds(90)).until(() -> fault != null || unanswered() == 0);
  }

  // --- listening

  private void listen() {
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
      case RecordPush.ReadResponse it -> sees(it.name(), it.version());
      case RecordPush.Update it -> {
        sees(it.name(), it.version());
        lost.removeIf(
            each -> each.record().equals(it.name().value()) && each.current() <= it.version());
      }
      case RecordPush.Patch it -> sees(it.name(), it.version());
      case RecordPush.VersionExists it -> {
        String record = it.name().value();
        losses++;
        lost.add(new Lost(record, seen.getOrDefault(record, 0), it.version()));
        sees(it.name(), it.version());
        // An acked write gets RECORD_UPDATE_ERROR, too, which ends it.
      }
      case RecordPush.WriteAcknowledgement it -> acked.add(closed(it.correlationId()));
      case RecordPush.Failure it -> {
        if (it.ack().wanted()) {
          Write unused = closed(it.ack().correlationId());
        }
        Integer version = it.version();
        String record = it.name();
        if (version != null && record != null) {
          guessed.put(record, version);
        }
      }
      case RecordPush.Deleted it -> again(it.name());
      case RecordPush.DeleteSuccess it -> again(it.name());
      case RecordPush.Ack it -> {}
      // Two who delete at once, or one who deletes twice.
      case RecordPush.MultipleSubscriptions it -> {}
      default -> fault = "it brought " + message;
    }
  }

  private void again(RecordName name) throws IOException {
    socket.send(subscription(name.value()));
  }

  private void sees(RecordName name, int version) {
    seen.put(name.value(), version);
    guessed.put(name.value(), version);
  }

  private Write closed(@Nullable String tag) {
    Write write = open.remove(tag);
    if (write == null) {
      throw new IllegalStateException(
          "an answer to " + tag + ", which is answered or was not asked");
    }
    return write;
  }

  // --- what came of it

  /** The writes that were acknowledged. */
  synchronized List<Write> acked() {
    return List.copyOf(acked);
  }

  synchronized int losses() {
    return losses;
  }

  /** The losses after which the whole state, which heals a gap, has not been sent. */
  synchronized List<Lost> lostAndNotHealed() {
    return List.copyOf(lost);
  }

  /** The tags that it has wanted to erase, whatever came of it. */
  synchronized Set<String> erased(String record) {
    return Set.copyOf(erasures.getOrDefault(record, Set.of()));
  }

  /** Whether a tag is one of this client's. */
  boolean owns(String tag) {
    return tag.startsWith("c" + number + "n");
  }

  /** What the server did that it must not, null if nothing. */
  @Nullable String fault() {
    return fault;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

package io.millrace.server.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.testkit.ScriptedClient;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A client that writes as fast as it is acknowledged, each write to a key of its own, until its
 * server dies under it; and remembers what was acknowledged.
 */
final class AckedWrites {
  private static final int RECORDS = 5;
  private static final int UNANSWERED = 16;

  private final URI uri;
  private final List<Integer> acked = new ArrayList<>();
  private int next;
  private @Nullable CompletableFuture<List<Integer>> life;

  AckedWrites(URI uri) {
    this.uri = uri;
  }

  /** Starts to write. */
  void begin() {
    ScriptedClient client = ScriptedClient.connect(uri).login();
    int first = next;
    CompletableFuture<List<Integer>> writing = new CompletableFuture<>();
    life = writing;
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                writing.complete(writeUntilItDies(client, first));
              } catch (RuntimeException e) {
                writing.completeExceptionally(e);
              }
            });
  }

  /** To be called when the server is dead: takes note of what it acknowledged. */
  void end() {
    CompletableFuture<List<Integer>> ended = life;
    if (ended == null) {
      throw new IllegalStateException("not begun");
    }
    List<Integer> heard = ended.join();
    assertThat(heard).as("acknowledged in one life").doesNotHaveDuplicates();
    acked.addAll(heard);
    next += 1_000_000;
  }

  private static List<Integer> writeUntilItDies(ScriptedClient client, int first) {
    try (client) {
      for (int number = first; !client.closed().isDone(); number++) {
        client.send(
            new RecordRequest.Patch(
                RecordAction.CREATEANDPATCH,
                new RecordName(record(number)),
                -1,
                "w" + number,
                new JsonText(Integer.toString(number)),
                new WriteAckRequest(true, Integer.toString(number))));
        if (number - first >= UNANSWERED) {
          client.await(RecordPush.WriteAcknowledgement.class);
        }
      }
    } catch (AssertionError theServerIsDead) {
      // That is what ends a life. An error that it answered shows in what was received.
    }
    return client.received().stream()
        .filter(RecordPush.class::isInstance)
        .map(
            message -> Integer.valueOf(((RecordPush.WriteAcknowledgement) message).correlationId()))
        .toList();
  }

  List<Integer> acked() {
    return acked;
  }

  /** Every acknowledged write is in its record. */
  void assertAllThere(RecordReader reader) {
    assertThat(acked).isNotEmpty();
    for (int i = 0; i < RECORDS; i++) {
      String name = record(i);
      RecordReader.State state = reader.read(name);
      assertThat(acked.stream().filter(number -> record(number).equals(name)))
          .as("acknowledged writes to %s that are lost", name)
          .allMatch(number -> state.data().path("w" + number).asInt(-1) == number);
      // One version for each write, so none took effect twice.
      assertThat(state.version()).isEqualTo(state.data().size());
    }
  }

  private static String record(int number) {
    return "acked-" + number % RECORDS;
  }
}

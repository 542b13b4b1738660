package io.millrace.server.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.testkit.ScriptedClient;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Two clients who mind their own business on a record of their own: one writes version after
 * version and waits for each ack, the other one follows. Neither may notice anything of what others
 * do meanwhile.
 */
final class Bystander implements AutoCloseable {
  private final RecordName record;
  private final ScriptedClient writer;
  private final ScriptedClient follower;
  private final CompletableFuture<Integer> written = new CompletableFuture<>();
  private final AtomicInteger acked = new AtomicInteger();
  private volatile boolean done;

  Bystander(TestServer server, String name) {
    record = new RecordName(name);
    writer = server.client();
    follower = server.client();
    follower.send(
        new RecordRequest.Bulk(RecordAction.SUBSCRIBECREATEANDREAD, List.of(record), "0"));
    assertThat(follower.await(RecordPush.ReadResponse.class).version()).isZero();
    Thread.ofPlatform().daemon().start(this::write);
  }

  private void write() {
    try {
      int version = 0;
      while (!done) {
        acked.set(version);
        version++;
        String correlation = Integer.toString(version);
        writer.send(
            new RecordRequest.Patch(
                RecordAction.PATCH,
                record,
                version,
                "n",
                new JsonText(correlation),
                new WriteAckRequest(true, correlation)));
        RecordPush answer = writer.await(RecordPush.class);
        assertThat(answer).isEqualTo(new RecordPush.WriteAcknowledgement(record, correlation));
      }
      written.complete(version);
    } catch (RuntimeException | AssertionError e) {
      written.completeExceptionally(e);
    }
  }

  /**
   * Goes on for a little while and stops; every write must have been acknowledged, and followed
   * version by version.
   */
  void assertUndisturbed() {
    int soFar = acked.get();
    await().until(() -> written.isDone() || acked.get() >= soFar + 3);
    done = true;
    int last = written.join();
    // Not a PING: its PONG may overtake what another loop has handed over.
    follower.send(new RecordRequest.Head(record));
    assertThat(follower.await(RecordPush.HeadResponse.class).version()).isEqualTo(last);
    assertThat(
            follower.received().stream()
                .filter(RecordPush.Patch.class::isInstance)
                .map(RecordPush.Patch.class::cast)
                .map(patch -> patch.version() + "=" + text(patch)))
        .isEqualTo(IntStream.rangeClosed(1, last).mapToObj(n -> n + "=" + n).toList());
  }

  private static String text(RecordPush.Patch patch) {
    JsonText data = patch.data();
    return data == null ? "" : data.text();
  }

  @Override
  public void close() {
    done = true;
    writer.close();
    follower.close();
  }
}

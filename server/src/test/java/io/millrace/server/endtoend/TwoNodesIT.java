package io.millrace.server.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.testkit.FreePorts;
import io.millrace.testkit.ScriptedClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two servers that are one cluster, in this JVM. */
@Timeout(300)
final class TwoNodesIT {
  private static final String MESSAGES = "millrace_links_messages_total";

  private static TestServer one;
  private static TestServer two;

  @BeforeAll
  static void start() {
    int[] ports = {FreePorts.next(), FreePorts.next()};
    List<String> members = IntStream.of(ports).mapToObj(port -> "127.0.0.1:" + port).toList();
    one = TestServer.with().cluster("127.0.0.1", ports[0], members).start();
    two = TestServer.with().cluster("127.0.0.1", ports[1], members).start();
  }

  @AfterAll
  static void stop() {
    two.close();
    one.close();
  }

  @Test
  void aWriteThroughOneNodeReachesASubscriberOnTheOther() {
    try (ScriptedClient writer = one.client();
        ScriptedClient reader = two.client()) {
      for (int i = 0; i < 20; i++) {
        RecordName name = new RecordName("seats/" + i);
        reader.send(
            new RecordRequest.Bulk(RecordAction.SUBSCRIBECREATEANDREAD, List.of(name), null));
        reader.await(RecordPush.ReadResponse.class, read -> read.name().equals(name));
        update(writer, name, "{\"free\":" + i + "}");
        assertThat(reader.await(RecordPush.Update.class).data().text())
            .isEqualTo("{\"free\":" + i + "}");
      }
    }
  }

  /** Half of the names are owned by the node that follows them and cost nothing. */
  @Test
  void aChangeIsOneMessageToTheNodeThatFollowsIt() {
    int records = 40;
    try (ScriptedClient writer = one.client();
        ScriptedClient reader = two.client()) {
      for (int i = 0; i < records; i++) {
        RecordName name = new RecordName("counted/" + i);
        reader.send(
            new RecordRequest.Bulk(RecordAction.SUBSCRIBECREATEANDREAD, List.of(name), null));
        reader.await(RecordPush.ReadResponse.class, read -> read.name().equals(name));
      }
      // The clients of other tests may still be leaving.
      AtomicReference<Double> last = new AtomicReference<>(messages());
      await()
          .pollInterval(Duration.ofSeconds(1))
          .until(
              () -> {
                double now = messages();
                return last.getAndSet(now) == now;
              });
      double before = messages();
      for (int i = 0; i < records; i++) {
        update(writer, new RecordName("counted/" + i), "{\"n\":1}");
        reader.await(RecordPush.Update.class);
      }
      assertThat(messages() - before).isBetween(1.0, (double) records);
    }
  }

  @Test
  void bothAreReadyAndSayHowTheyAreLinked() {
    await().until(() -> one.isReady() && two.isReady());
    for (TestServer each : List.of(one, two)) {
      await().untilAsserted(() -> assertThat(each.metric("millrace_links_streams")).isEqualTo(1));
    }
  }

  private static double messages() {
    return one.metric(MESSAGES) + two.metric(MESSAGES);
  }

  private static void update(ScriptedClient writer, RecordName name, String data) {
    writer.send(
        new RecordRequest.Update(
            RecordAction.CREATEANDUPDATE,
            name,
            -1,
            new JsonText(data),
            new WriteAckRequest(true, name.value())));
    writer.await(RecordPush.WriteAcknowledgement.class);
  }
}

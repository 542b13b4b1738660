package io.millrace.server.endtoend.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.protocol.ConnectionReply;
import io.millrace.protocol.ConnectionRequest;
import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.RpcRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.testkit.ScriptedClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What operators and those who balance the load see of a node that leaves. */
final class DrainIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir private Path directory;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @Test
  @Timeout(600)
  void aNodeThatIsAloneDrainsWithoutWaitingForAnybody() throws Exception {
    try (TestCluster cluster =
            TestCluster.of(1, directory).heartbeatTimeout(TestCluster.PATIENT).start();
        ScriptedClient client = ScriptedClient.connect(cluster.uri(0), PATIENCE).login()) {
      assertThat(send("GET", cluster.admin(0, "/drain")).statusCode()).isEqualTo(405);
      assertThat(send("POST", cluster.admin(0, "/drain")).statusCode()).isEqualTo(202);
      assertThat(client.closed()).succeedsWithin(PATIENCE);
      assertThat(cluster.awaitEnd(0)).as(cluster.lastWords()).hasValue(0);
    }
  }

  @Test
  @Timeout(600)
  void aNodeLeavesInGoodOrderWhoeverAsksAndHoweverOften() throws Exception {
    try (TestCluster cluster =
            TestCluster.of(2, directory)
                .heartbeatTimeout(TestCluster.PATIENT)
                .yaml("rpc: { ackTimeout: 100s, responseTimeout: 200s }")
                .start();
        ScriptedClient provider = ScriptedClient.connect(cluster.uri(0), PATIENCE).login();
        ScriptedClient caller = ScriptedClient.connect(cluster.uri(1), PATIENCE).login()) {
      provider.send(new RpcRequest.Bulk(RpcAction.PROVIDE, List.of("think"), "0"));
      provider.await(RpcPush.Ack.class);
      caller.send(new RpcRequest.Call("think", "1", new JsonText("1")));
      provider.await(RpcPush.Call.class);
      HttpResponse<Stream<String>> stream = stream(cluster);
      CompletableFuture<List<String>> lines =
          CompletableFuture.supplyAsync(() -> stream.body().toList());

      assertThat(send("POST", cluster.admin(0, "/drain")).statusCode()).isEqualTo(202);
      // As long as the call is open the node waits, and can be asked.
      await()
          .atMost(PATIENCE)
          .until(() -> send("GET", cluster.admin(0, "/health/ready")).statusCode() == 503);
      HttpResponse<String> publicly = send("GET", http(cluster, "/health/ready"));
      assertThat(publicly.statusCode()).isEqualTo(503);
      assertThat(publicly.headers().firstValue("connection")).contains("close");
      assertThat(send("POST", cluster.admin(0, "/drain")).statusCode()).isEqualTo(202);
      cluster.terminate(0);
      try (ScriptedClient late = ScriptedClient.connect(cluster.uri(0), PATIENCE)) {
        late.send(new ConnectionRequest.Challenge("", "0.1a", "0", "test"));
        assertThat(late.await(ConnectionReply.Redirect.class).url())
            .isEqualTo(cluster.uri(1).toString());
      }
      assertThat(provider.closed()).isNotDone();
      provider.send(new RpcRequest.Answer(RpcAction.RESPONSE, "think", "1", new JsonText("2")));

      assertThat(caller.await(RpcPush.Answer.class).data()).isEqualTo(new JsonText("2"));
      assertThat(provider.closed()).succeedsWithin(PATIENCE);
      assertThat(lines).succeedsWithin(PATIENCE);
      assertThat(lines.get(1, TimeUnit.SECONDS)).anyMatch(line -> line.startsWith("event: snap"));
      assertThat(cluster.awaitEnd(0)).as(cluster.lastWords()).hasValue(0);
      // Those who stayed did not lose their node.
      caller.send(new EventRequest.Bulk(EventAction.SUBSCRIBE, List.of("e"), "0"));
      assertThat(cluster.lastWords()).doesNotContain("was lost");
    }
  }

  private HttpResponse<Stream<String>> stream(TestCluster cluster) throws Exception {
    URI record = http(cluster, "/api/v1/records/streamed");
    http.send(
        HttpRequest.newBuilder(record)
            .header("content-type", "application/json")
            .PUT(HttpRequest.BodyPublishers.ofString("{\"n\":1}"))
            .build(),
        HttpResponse.BodyHandlers.discarding());
    HttpResponse<Stream<String>> stream =
        http.send(
            HttpRequest.newBuilder(URI.create(record + "/stream"))
                .header("accept", "text/event-stream")
                .build(),
            HttpResponse.BodyHandlers.ofLines());
    assertThat(stream.statusCode()).isEqualTo(200);
    return stream;
  }

  private static URI http(TestCluster cluster, String path) {
    return URI.create(cluster.uri(0).toString().replace("ws:", "http:")).resolve(path);
  }

  private HttpResponse<String> send(String method, URI uri) throws Exception {
    return http.send(
        HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()).build(),
        HttpResponse.BodyHandlers.ofString());
  }
}

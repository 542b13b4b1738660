package io.millrace.server.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventPush;
import io.millrace.protocol.EventRequest;
import io.millrace.protocol.PresenceAction;
import io.millrace.protocol.PresencePush;
import io.millrace.protocol.PresenceRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.testkit.FreePorts;
import io.millrace.testkit.ScriptedClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Events and presence on two servers in this JVM and one in a process, which is killed. */
@Timeout(600)
final class EventAndPresenceClusterIT {
  private static final int EVENTS = 200;

  @TempDir private Path directory;

  @Test
  void eventsAndUsersAreKnownOnEveryNodeUntilTheirNodeDies() throws IOException {
    List<Integer> ports = List.of(FreePorts.next(), FreePorts.next(), FreePorts.next());
    List<String> members = ports.stream().map(port -> "127.0.0.1:" + port).toList();
    Path config = directory.resolve("third.yml");
    Files.writeString(config, node(ports.get(2), members).toYaml());
    try (TestServer one = node(ports.get(0), members).start();
        TestServer two = node(ports.get(1), members).start();
        ServerProcess three = ServerProcess.start(config);
        ScriptedClient ann = login(one.uri(), "ann");
        ScriptedClient bob = login(two.uri(), "bob");
        ScriptedClient bobAgain = login(three.uri(), "bob");
        ScriptedClient cid = login(three.uri(), "cid")) {
      usersOfAllNodesAreOnline(ann, "bob", "cid");
      usersOfAllNodesAreOnline(bob, "ann", "cid");
      eventsReachAllNodesInOrder(List.of(ann, bob, bobAgain, cid));
      usersOfTheNodeThatDiesLeave(ann, bob, three);
      eventsGoOnAmongTheOthers(ann, bob);
    }
  }

  private static void usersOfAllNodesAreOnline(ScriptedClient asker, String... others) {
    // A login is known on other nodes a moment later.
    await()
        .untilAsserted(
            () -> {
              asker.send(new PresenceRequest.Everybody(PresenceAction.QUERY_ALL));
              assertThat(asker.await(PresencePush.QueryAllResponse.class).users())
                  .containsExactlyInAnyOrder(others);
            });
  }

  private static void eventsReachAllNodesInOrder(List<ScriptedClient> clients) {
    for (ScriptedClient client : clients) {
      subscribe(client);
    }
    // From the acks on nothing is missed.
    for (ScriptedClient emitter : clients) {
      for (int i = 0; i < EVENTS; i++) {
        emitter.send(new EventRequest.Emit("news", new JsonText("" + i)));
      }
      for (ScriptedClient client : clients) {
        for (int i = 0; client != emitter && i < EVENTS; i++) {
          assertThat(client.await(EventPush.Emit.class).data()).isEqualTo(new JsonText("" + i));
        }
      }
      assertThat(emitter.roundTrip()).noneMatch(EventPush.Emit.class::isInstance);
    }
  }

  private static void usersOfTheNodeThatDiesLeave(
      ScriptedClient ann, ScriptedClient bob, ServerProcess three) {
    for (ScriptedClient watcher : List.of(ann, bob)) {
      watcher.send(new PresenceRequest.Everybody(PresenceAction.SUBSCRIBE_ALL));
      watcher.await(PresencePush.Ack.class);
    }

    three.kill();

    for (ScriptedClient watcher : List.of(ann, bob)) {
      assertThat(watcher.await(PresencePush.Change.class))
          .isEqualTo(new PresencePush.Change(PresenceAction.PRESENCE_LEAVE_ALL, "cid"));
    }
    ann.send(new PresenceRequest.Everybody(PresenceAction.QUERY_ALL));
    assertThat(ann.await(PresencePush.QueryAllResponse.class).users()).containsExactly("bob");
    assertThat(ann.roundTrip()).isEmpty();
    assertThat(bob.roundTrip()).isEmpty();
  }

  private static void eventsGoOnAmongTheOthers(ScriptedClient ann, ScriptedClient bob) {
    ann.send(new EventRequest.Emit("news", new JsonText("\"still\"")));
    assertThat(bob.await(EventPush.Emit.class).data()).isEqualTo(new JsonText("\"still\""));
  }

  private static void subscribe(ScriptedClient client) {
    client.send(new EventRequest.Bulk(EventAction.SUBSCRIBE, List.of("news"), "1"));
    client.await(EventPush.Ack.class);
  }

  private static ScriptedClient login(URI uri, String user) {
    return ScriptedClient.connect(uri).login("{\"username\":\"" + user + "\"}");
  }

  private static TestServer.Builder node(int gridPort, List<String> members) {
    return TestServer.with().cluster("127.0.0.1", gridPort, members);
  }
}

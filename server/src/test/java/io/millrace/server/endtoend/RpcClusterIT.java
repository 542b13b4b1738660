package io.millrace.server.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.RpcRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.testkit.FreePorts;
import io.millrace.testkit.ScriptedClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Calls between real nodes, of which one is killed (protocol §5). */
@Timeout(300)
final class RpcClusterIT {
  private static final int CALLS = 100;

  /** Far below the timeouts, so that an answer within it was not brought by one of them. */
  private static final Duration AT_ONCE = Duration.ofSeconds(40);

  private static final String PATIENT = "rpc: { ackTimeout: 200s, responseTimeout: 250s }";

  @TempDir Path folder;

  private static TestServer.Builder node(int index, List<Integer> ports) {
    List<String> members = ports.stream().map(port -> "127.0.0.1:" + port).toList();
    return TestServer.with().cluster("127.0.0.1", ports.get(index), members).yaml(PATIENT);
  }

  private static List<Integer> freePorts() {
    return List.of(FreePorts.next(), FreePorts.next(), FreePorts.next());
  }

  private static void provide(ScriptedClient client) {
    client.send(new RpcRequest.Bulk(RpcAction.PROVIDE, List.of("sum"), "0"));
    client.await(RpcPush.Ack.class);
  }

  private static void answer(ScriptedClient client, RpcAction action, String id) {
    client.send(new RpcRequest.Answer(action, "sum", id, new JsonText("\"" + id + "\"")));
  }

  private static void call(ScriptedClient caller, int count) {
    for (int i = 0; i < count; i++) {
      caller.send(new RpcRequest.Call("sum", "" + i, new JsonText("" + i)));
    }
  }

  /**
   * The providers on the node that dies have accepted half of their calls: these fail at once. The
   * others are answered by who is left.
   */
  @Test
  void theOpenCallsOfANodeThatIsKilledGoOnOrFailAtOnce() throws IOException {
    List<Integer> ports = freePorts();
    Path config = folder.resolve("dying.yml");
    Files.writeString(config, node(1, ports).toYaml());
    try (TestServer one = node(0, ports).start();
        ServerProcess dying = ServerProcess.start(config);
        TestServer three = node(2, ports).start();
        ScriptedClient caller = one.client(AT_ONCE);
        ScriptedClient lost = ScriptedClient.connect(dying.uri(), AT_ONCE).login();
        ScriptedClient heir = three.client(AT_ONCE)) {
      provide(lost);
      call(caller, CALLS);
      Set<String> accepted = new HashSet<>();
      for (int i = 0; i < CALLS; i++) {
        String id = lost.await(RpcPush.Call.class).correlationId();
        if (i % 2 == 0) {
          answer(lost, RpcAction.ACCEPT, id);
          accepted.add(id);
        }
      }
      for (int i = 0; i < accepted.size(); i++) {
        assertThat(caller.await(RpcPush.Answer.class).action()).isEqualTo(RpcAction.ACCEPT);
      }
      assertThat(one.metric("millrace_rpc_open")).isEqualTo(CALLS);
      assertThat(one.metric("millrace_rpc_remote_total")).isEqualTo(CALLS);
      provide(heir);

      dying.kill();
      for (int i = 0; i < CALLS - accepted.size(); i++) {
        RpcPush.Call call = heir.await(RpcPush.Call.class);
        assertThat(call.data()).isEqualTo(new JsonText(call.correlationId()));
        answer(heir, RpcAction.RESPONSE, call.correlationId());
      }
      Map<String, RpcAction> ends = new HashMap<>();
      for (int i = 0; i < CALLS; i++) {
        switch (caller.await(RpcPush.class)) {
          case RpcPush.Answer answer -> {
            assertThat(answer.data()).isEqualTo(new JsonText("\"" + answer.correlationId() + "\""));
            ends.put(answer.correlationId(), answer.action());
          }
          case RpcPush.Failure failure ->
              ends.put(String.valueOf(failure.correlationId()), failure.action());
          case RpcPush.Ack ack -> throw new AssertionError(ack);
          case RpcPush.Call asked -> throw new AssertionError(asked);
          case RpcPush.MultipleProviders multiple -> throw new AssertionError(multiple);
        }
      }
      assertThat(ends).hasSize(CALLS);
      ends.forEach(
          (id, end) ->
              assertThat(end)
                  .isEqualTo(
                      accepted.contains(id) ? RpcAction.RESPONSE_TIMEOUT : RpcAction.RESPONSE));
      assertThat(caller.roundTrip()).isEmpty();
      assertThat(one.metric("millrace_rpc_open")).isZero();
      assertThat(one.metric("millrace_rpc_ended_total")).isEqualTo(CALLS);
      assertThat(three.metric("millrace_rpc_calls_total")).isZero();
    }
  }

  /** After the ack of a provider a call from any node finds it, and after that of its end none. */
  @Test
  void anAckOfAProviderHoldsOnTheOtherNode() {
    List<Integer> ports = freePorts().subList(0, 2);
    try (TestServer one = node(0, ports).start();
        TestServer two = node(1, ports).start();
        ScriptedClient caller = one.client(AT_ONCE);
        ScriptedClient provider = two.client(AT_ONCE)) {
      for (int i = 0; i < 50; i++) {
        provide(provider);
        call(caller, 1);
        answer(provider, RpcAction.RESPONSE, provider.await(RpcPush.Call.class).correlationId());
        assertThat(caller.await(RpcPush.class).action()).isEqualTo(RpcAction.RESPONSE);
        provider.send(new RpcRequest.Bulk(RpcAction.UNPROVIDE, List.of("sum"), "1"));
        provider.await(RpcPush.Ack.class);
        call(caller, 1);
        assertThat(caller.await(RpcPush.class).action()).isEqualTo(RpcAction.NO_RPC_PROVIDER);
      }
    }
  }
}

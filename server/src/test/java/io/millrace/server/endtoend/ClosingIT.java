package io.millrace.server.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.RpcRequest;
import io.millrace.testkit.ScriptedClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sockets that the server closes, and whose clients leave their half open. */
@Timeout(300)
final class ClosingIT {

  /** Less than the server waits for the other half, by as little as can be. */
  private static final Duration AT_ONCE = Duration.ofMillis(4_500);

  private static final String PATIENT = "rpc: { ackTimeout: 40s, responseTimeout: 50s }";

  @Test
  void callsDoNotWaitForAProviderThatIsBeingClosed() throws IOException {
    try (TestServer server = TestServer.with().yaml(PATIENT).start();
        RawSocket provider = RawSocket.upgrade(server.port()).login();
        ScriptedClient caller = server.client()) {
      provider.send(new RpcRequest.Bulk(RpcAction.PROVIDE, List.of("sum"), "0"));
      provider.read();
      caller.send(new RpcRequest.Call("sum", "1", null));
      provider.read();

      provider.frame(RawSocket.FINAL | RawSocket.TEXT, "no language of ours".getBytes(UTF_8));
      assertThat(provider.read().closeCode()).isEqualTo(1003);
      assertFailsAtOnce(caller);
    }
  }

  @Test
  void callsDoNotWaitForAProviderThatHasSaidGoodbyeAndStays() throws IOException {
    try (TestServer server = TestServer.with().yaml(PATIENT).start();
        RawSocket provider = RawSocket.upgrade(server.port()).login();
        ScriptedClient caller = server.client()) {
      provider.send(new RpcRequest.Bulk(RpcAction.PROVIDE, List.of("sum"), "0"));
      provider.read();
      caller.send(new RpcRequest.Call("sum", "1", null));
      provider.read();

      provider.frame(RawSocket.FINAL | RawSocket.CLOSE, new byte[0]);
      assertFailsAtOnce(caller);
    }
  }

  /** Only this is timed, not what comes before it. */
  private static void assertFailsAtOnce(ScriptedClient caller) {
    assertThat(CompletableFuture.supplyAsync(() -> caller.await(RpcPush.Failure.class).action()))
        .succeedsWithin(AT_ONCE)
        .isEqualTo(RpcAction.NO_RPC_PROVIDER);
  }
}

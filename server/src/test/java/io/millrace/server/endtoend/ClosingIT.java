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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sockets that the server closes, and whose clients leave their half open. */
@Timeout(60)
final class ClosingIT {

  /** Less than the server waits for the other half. */
  private static final Duration AT_ONCE = Duration.ofSeconds(3);

  private static final String PATIENT = "rpc: { ackTimeout: 40s, responseTimeout: 50s }";

  @Test
  void callsDoNotWaitForAProviderThatIsBeingClosed() throws IOException {
    try (TestServer server = TestServer.with().yaml(PATIENT).start();
        RawSocket provider = RawSocket.upgrade(server.port()).login();
        ScriptedClient caller = server.client(AT_ONCE)) {
      provider.send(new RpcRequest.Bulk(RpcAction.PROVIDE, List.of("sum"), "0"));
      provider.read();
      caller.send(new RpcRequest.Call("sum", "1", null));
      provider.read();

      provider.frame(RawSocket.FINAL | RawSocket.TEXT, "no language of ours".getBytes(UTF_8));
      assertThat(provider.read().closeCode()).isEqualTo(1003);
      assertThat(caller.await(RpcPush.Failure.class).action()).isEqualTo(RpcAction.NO_RPC_PROVIDER);
    }
  }

  @Test
  void callsDoNotWaitForAProviderThatHasSaidGoodbyeAndStays() throws IOException {
    try (TestServer server = TestServer.with().yaml(PATIENT).start();
        RawSocket provider = RawSocket.upgrade(server.port()).login();
        ScriptedClient caller = server.client(AT_ONCE)) {
      provider.send(new RpcRequest.Bulk(RpcAction.PROVIDE, List.of("sum"), "0"));
      provider.read();
      caller.send(new RpcRequest.Call("sum", "1", null));
      provider.read();

      provider.frame(RawSocket.FINAL | RawSocket.CLOSE, new byte[0]);
      assertThat(caller.await(RpcPush.Failure.class).action()).isEqualTo(RpcAction.NO_RPC_PROVIDER);
    }
  }
}

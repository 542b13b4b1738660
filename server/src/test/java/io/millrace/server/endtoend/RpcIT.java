package io.millrace.server.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.RpcAction;
import io.millrace.protocol.RpcPush;
import io.millrace.protocol.RpcRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.testkit.ScriptedClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls through real sockets (protocol §5). */
@Timeout(300)
final class RpcIT {
  private static final int CALLS = 100;

  /** Far below the timeouts, so that an answer within it was not brought by one of them. */
  private static final Duration AT_ONCE = Duration.ofSeconds(40);

  private static final String PATIENT = "rpc: { ackTimeout: 200s, responseTimeout: 250s }";

  private static void provide(ScriptedClient client, String... names) {
    client.send(new RpcRequest.Bulk(RpcAction.PROVIDE, List.of(names), "0"));
    client.await(RpcPush.Ack.class);
  }

  private static void call(ScriptedClient client, String name, String id, @Nullable String data) {
    client.send(new RpcRequest.Call(name, id, data == null ? null : new JsonText(data)));
  }

  private static void answer(ScriptedClient client, RpcAction action, String name, String id) {
    client.send(new RpcRequest.Answer(action, name, id, new JsonText("\"" + id + "\"")));
  }

  @Test
  void theOpenCallsOfAProviderThatDiesAreAnsweredByAnother() {
    try (TestServer server = TestServer.with().yaml(PATIENT).start();
        ScriptedClient dying = server.client(AT_ONCE);
        ScriptedClient heir = server.client(AT_ONCE);
        ScriptedClient caller = server.client(AT_ONCE)) {
      String[] names = IntStream.range(0, 10).mapToObj(i -> "sum" + i).toArray(String[]::new);
      provide(dying, names);
      for (int i = 0; i < CALLS; i++) {
        call(caller, names[i % names.length], "" + i, "" + i);
      }
      for (int i = 0; i < CALLS; i++) {
        dying.await(RpcPush.Call.class);
      }
      provide(heir, names);
      dying.abort();
      for (int i = 0; i < CALLS; i++) {
        RpcPush.Call call = heir.await(RpcPush.Call.class);
        assertThat(call.data()).isEqualTo(new JsonText(call.correlationId()));
        answer(heir, RpcAction.RESPONSE, call.name(), call.correlationId());
      }
      Set<String> answered = new HashSet<>();
      for (int i = 0; i < CALLS; i++) {
        RpcPush.Answer answer = caller.await(RpcPush.Answer.class);
        assertThat(answer.data()).isEqualTo(new JsonText("\"" + answer.correlationId() + "\""));
        answered.add(answer.correlationId());
      }
      assertThat(answered).hasSize(CALLS);
      assertThat(caller.roundTrip()).isEmpty();
    }
  }

  @Test
  void theOpenCallsOfAProviderThatDiesAloneFailAtOnce() {
    try (TestServer server = TestServer.with().yaml(PATIENT).start();
        ScriptedClient dying = server.client(AT_ONCE)) {
      provide(dying, "sum");
      List<ScriptedClient> callers = new ArrayList<>();
      for (int i = 0; i < CALLS; i++) {
        ScriptedClient caller = server.client(AT_ONCE);
        callers.add(caller);
        call(caller, "sum", "1", null);
      }
      int accepted = 0;
      for (int i = 0; i < CALLS; i++) {
        RpcPush.Call call = dying.await(RpcPush.Call.class);
        if (i % 2 == 0) {
          answer(dying, RpcAction.ACCEPT, "sum", call.correlationId());
          accepted++;
        }
      }
      dying.roundTrip();
      assertThat(server.metric("millrace_rpc_open")).isEqualTo(CALLS);

      dying.abort();
      int timedOut = 0;
      for (ScriptedClient caller : callers) {
        RpcPush.Failure failure = caller.await(RpcPush.Failure.class);
        assertThat(failure.correlationId()).isEqualTo("1");
        assertThat(failure.isError()).isFalse();
        boolean wasAccepted =
            caller.received().stream().anyMatch(each -> each.action() == RpcAction.ACCEPT);
        assertThat(failure.action())
            .isEqualTo(wasAccepted ? RpcAction.RESPONSE_TIMEOUT : RpcAction.NO_RPC_PROVIDER);
        timedOut += wasAccepted ? 1 : 0;
      }
      assertThat(timedOut).isEqualTo(accepted);
      assertThat(server.metric("millrace_rpc_open")).isZero();
      assertThat(server.metric("millrace_rpc_calls_total")).isEqualTo(CALLS);
      assertThat(server.metric("millrace_rpc_ended_total")).isEqualTo(CALLS);
      callers.forEach(ScriptedClient::close);
    }
  }

  @Test
  void twoCallersWithTheSameIdGetTheirOwnAnswers() {
    try (TestServer server = TestServer.with().yaml(PATIENT).start();
        ScriptedClient provider = server.client();
        ScriptedClient ann = server.client();
        ScriptedClient bob = server.client()) {
      provide(provider, "echo");
      call(ann, "echo", "1", "\"ann\"");
      call(bob, "echo", "1", "\"bob\"");
      for (int i = 0; i < 2; i++) {
        RpcPush.Call call = provider.await(RpcPush.Call.class);
        provider.send(
            new RpcRequest.Answer(RpcAction.RESPONSE, "echo", call.correlationId(), call.data()));
      }
      assertThat(ann.await(RpcPush.Answer.class))
          .isEqualTo(new RpcPush.Answer(RpcAction.RESPONSE, "echo", "1", new JsonText("\"ann\"")));
      assertThat(bob.await(RpcPush.Answer.class))
          .isEqualTo(new RpcPush.Answer(RpcAction.RESPONSE, "echo", "1", new JsonText("\"bob\"")));
    }
  }

  @Test
  void theAnswerOfASocketThatWasNotAskedIsRefused() {
    try (TestServer server = TestServer.with().yaml(PATIENT).start();
        ScriptedClient provider = server.client();
        ScriptedClient foreign = server.client();
        ScriptedClient caller = server.client()) {
      provide(provider, "sum");
      call(caller, "sum", "1", null);
      provider.await(RpcPush.Call.class);
      provide(foreign, "sum");
      answer(foreign, RpcAction.RESPONSE, "sum", "1");
      assertThat(foreign.await(RpcPush.Failure.class))
          .isEqualTo(
              new RpcPush.Failure(
                  RpcAction.INVALID_RPC_CORRELATION_ID, "sum", "1", RpcAction.RESPONSE, true));
      assertThat(caller.roundTrip()).isEmpty();
      answer(provider, RpcAction.RESPONSE, "sum", "1");
      caller.await(RpcPush.Answer.class);
    }
  }

  /** Sockets stop being read while they have 128 requests open; calls must not count as such. */
  @Test
  void manyCallsOfASocketToItselfDoNotLockItUp() {
    try (TestServer server = TestServer.with().yaml(PATIENT).start();
        ScriptedClient self = server.client(AT_ONCE)) {
      provide(self, "a", "b", "c", "d");
      List<String> names = List.of("a", "b", "c", "d");
      for (int i = 0; i < 1_000; i++) {
        call(self, names.get(i % 4), "" + i, null);
      }
      for (int i = 0; i < 1_000; i++) {
        RpcPush.Call call = self.await(RpcPush.Call.class);
        answer(self, RpcAction.RESPONSE, call.name(), call.correlationId());
      }
      for (int i = 0; i < 1_000; i++) {
        assertThat(self.await(RpcPush.Answer.class).action()).isEqualTo(RpcAction.RESPONSE);
      }
    }
  }

  @Test
  void theCallersNameComesFromTheServer() {
    try (TestServer server =
            TestServer.with()
                .yaml("rpc: { provideRequestorName: true, provideRequestorData: true }")
                .start();
        ScriptedClient provider = server.client();
        ScriptedClient caller =
            ScriptedClient.connect(server.uri()).login("{\"username\":\"ann\"}")) {
      provide(provider, "sum");
      call(caller, "sum", "1", null);
      RpcPush.Call call = provider.await(RpcPush.Call.class);
      assertThat(call.requestorName()).isEqualTo("ann");
      assertThat(call.requestorData()).as("this user has none").isNull();
    }
  }

  @Test
  void aCallThatNobodyAcceptsOrAnswersTimesOut() {
    try (TestServer server =
            TestServer.with().yaml("rpc: { ackTimeout: 50ms, responseTimeout: 100ms }").start();
        ScriptedClient provider = server.client();
        ScriptedClient caller = server.client()) {
      provide(provider, "sum");
      call(caller, "sum", "1", null);
      assertThat(caller.await(RpcPush.Failure.class).action()).isEqualTo(RpcAction.ACCEPT_TIMEOUT);
      provider.await(RpcPush.Call.class);
      answer(provider, RpcAction.RESPONSE, "sum", "1");
      assertThat(provider.await(RpcPush.Failure.class).action())
          .isEqualTo(RpcAction.INVALID_RPC_CORRELATION_ID);
    }
  }
}

package io.millrace.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.Action;
import io.millrace.protocol.AuthAction;
import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ConnectionAction;
import io.millrace.protocol.EventAction;
import io.millrace.protocol.PresenceAction;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.RpcAction;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.codec.DecodeResult.Decoded;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RoundTripTest {
  private static final int MESSAGES_PER_ACTION = 100;
  private static final long SEED = 5;

  @Test
  void theTablesListExactlyTheSealedFamilies() {
    assertThat(ClientMessageTable.TABLE.kinds())
        .isEqualTo(RandomMessages.kinds(ClientMessage.class))
        .hasSizeGreaterThan(25);
    assertThat(ServerMessageTable.TABLE.kinds())
        .isEqualTo(RandomMessages.kinds(ServerMessage.class))
        .hasSizeGreaterThan(30);
  }

  @Test
  void bothSyntaxesSayTheSame() {
    RandomMessages messages = new RandomMessages(new Random(SEED));
    for (Class<?> kind : RandomMessages.kinds(ServerMessage.class)) {
      List<Action> actions = RandomMessages.actions(kind);
      for (int i = 0; i < MESSAGES_PER_ACTION; i++) {
        ServerMessage message =
            messages.server(kind, actions.isEmpty() ? null : actions.get(i % actions.size()));
        assertThat(JsonCodec.fromBinary(BinaryCodec.encode(message)))
            .as(message.toString())
            .isEqualTo(JsonCodec.encode(message));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyActionOfAClientIsReadAsExactlyOneKindOfMessage(Syntax syntax) {
    RandomMessages messages = new RandomMessages(new Random(SEED));
    Map<String, List<String>> kinds =
        kindsByAction(
            ClientMessage.class,
            (kind, action) -> {
              ClientMessage message = messages.client(kind, action);
              boolean same = syntax.trip(message).equals(new Decoded<>(message));
              return new Trip(message.action(), same);
            });

    assertThat(kinds.keySet())
        .isEqualTo(
            names(
                ConnectionAction.values(),
                AuthAction.values(),
                EventAction.values(),
                RecordAction.values(),
                RpcAction.values(),
                PresenceAction.values()));
    assertThat(kinds).allSatisfy((action, read) -> assertThat(read).as(action).hasSize(1));
    assertThat(all(kinds))
        .isEqualTo(
            RandomMessages.kinds(ClientMessage.class).stream()
                .map(Class::getName)
                .collect(Collectors.toSet()));
  }

  @ParameterizedTest
  @EnumSource
  void everyActionOfAServerIsReadAsItsKindOfMessageOrAsAnAck(Syntax syntax) {
    RandomMessages messages = new RandomMessages(new Random(SEED));
    Map<String, List<String>> kinds =
        kindsByAction(
            ServerMessage.class,
            (kind, action) -> {
              ServerMessage message = messages.server(kind, action);
              boolean same = syntax.trip(message).equals(new Decoded<>(message));
              return new Trip(message.action(), same);
            });

    assertThat(all(kinds))
        .isEqualTo(
            RandomMessages.kinds(ServerMessage.class).stream()
                .map(Class::getName)
                .collect(Collectors.toSet()));
    kinds.values().forEach(read -> read.removeIf(kind -> kind.endsWith("$Ack")));
    assertThat(kinds).allSatisfy((action, read) -> assertThat(read).as(action).hasSizeLessThan(2));
    Set<String> neverSent = new TreeSet<>();
    kinds.forEach(
        (action, read) -> {
          if (read.isEmpty()) {
            neverSent.add(action);
          }
        });
    assertThat(neverSent)
        .containsExactlyInAnyOrder(
            "EVENT LISTEN",
            "EVENT LISTEN_ACCEPT",
            "EVENT LISTEN_REJECT",
            "EVENT SUBSCRIBE",
            "EVENT SUBSCRIPTION_HAS_NO_PROVIDER",
            "EVENT SUBSCRIPTION_HAS_PROVIDER",
            "EVENT UNLISTEN",
            "EVENT UNSUBSCRIBE",
            "PRESENCE QUERY",
            "PRESENCE QUERY_ALL",
            "PRESENCE SUBSCRIBE",
            "PRESENCE SUBSCRIBE_ALL",
            "PRESENCE UNSUBSCRIBE",
            "PRESENCE UNSUBSCRIBE_ALL",
            "RECORD CREATE",
            "RECORD CREATEANDPATCH",
            "RECORD CREATEANDUPDATE",
            "RECORD DELETE",
            "RECORD DELETE_BULK",
            "RECORD DELETE_BULK_SUCCESS",
            "RECORD ERASE",
            "RECORD HEAD",
            "RECORD HEAD_BULK",
            "RECORD LISTEN",
            "RECORD LISTEN_ACCEPT",
            "RECORD LISTEN_REJECT",
            "RECORD NOTIFY",
            "RECORD READ",
            "RECORD SUBSCRIBE",
            "RECORD SUBSCRIBEANDHEAD",
            "RECORD SUBSCRIBEANDREAD",
            "RECORD SUBSCRIBECREATEANDREAD",
            "RECORD SUBSCRIBECREATEANDUPDATE",
            "RECORD UNLISTEN",
            "RECORD UNSUBSCRIBE",
            "RPC PROVIDE",
            "RPC REJECT",
            "RPC UNPROVIDE");
  }

  @Test
  void absentFieldsOfAWriteHaveTheirMeaning() {
    Body body = Body.of(RecordAction.PATCH).putText(Field.NAME, "r");

    assertThat(BinaryCodec.decodeClient(FrameWriter.frame(body)))
        .isEqualTo(
            new Decoded<>(
                new RecordRequest.Patch(
                    RecordAction.PATCH, new RecordName("r"), 0, null, null, WriteAckRequest.NONE)));
  }

  @ParameterizedTest
  @EnumSource
  void largeDataIsKept(Syntax syntax) {
    ClientMessage message =
        new RecordRequest.Update(
            RecordAction.UPDATE,
            new RecordName("r"),
            -1,
            new JsonText("\"" + "é".repeat(1_000_000) + "\""),
            new WriteAckRequest(true, "1"));

    assertThat(syntax.trip(message)).isEqualTo(new Decoded<>(message));
  }

  private record Trip(Action action, boolean same) {}

  /** For each action, the kinds that came back equal. A kind must do so always or never. */
  private static Map<String, List<String>> kindsByAction(
      Class<?> root, BiFunction<Class<?>, @Nullable Action, Trip> trip) {
    Map<String, List<String>> kinds = new TreeMap<>();
    for (Class<?> kind : RandomMessages.kinds(root)) {
      List<@Nullable Action> actions = new ArrayList<>(RandomMessages.actions(kind));
      if (actions.isEmpty()) {
        actions.add(null);
      }
      for (Action action : actions) {
        Set<Boolean> outcomes = new HashSet<>();
        Trip last = trip.apply(kind, action);
        outcomes.add(last.same());
        for (int i = 1; i < MESSAGES_PER_ACTION; i++) {
          outcomes.add(trip.apply(kind, action).same());
        }
        assertThat(outcomes).as(kind + " " + action).hasSize(1);
        List<String> same = kinds.computeIfAbsent(name(last.action()), absent -> new ArrayList<>());
        if (last.same()) {
          same.add(kind.getName());
        }
      }
    }
    return kinds;
  }

  private static Set<String> all(Map<String, List<String>> kinds) {
    return kinds.values().stream().flatMap(List::stream).collect(Collectors.toSet());
  }

  private static Set<String> names(Action[]... actions) {
    return Stream.of(actions)
        .flatMap(Arrays::stream)
        .map(RoundTripTest::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String name(Action action) {
    return action.topic() + " " + action.name();
  }
}

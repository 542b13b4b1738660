package io.millrace.server.http.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.EventAction;
import io.millrace.protocol.EventPush;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.auth.User;
import io.millrace.server.dispatch.Dispatcher;
import io.millrace.server.dispatch.Features;
import io.millrace.server.dispatch.QuietFeatures;
import io.millrace.server.permission.PermissionGate;
import io.millrace.server.record.IdleRecords;
import io.millrace.server.subscription.Subscriber;
import io.millrace.server.transport.ManualEventLoops;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Requests on their way through gate and features, with a clock that moves when told to. */
final class CallsTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final RecordName NAME = new RecordName("r");

  private final ManualEventLoops loops = new ManualEventLoops(1);
  private final IdleRecords records = new IdleRecords(loops);
  private final List<Answer> answers = new ArrayList<>();
  private final Gate gate = new Gate();
  private final Calls calls = calls();

  /** Does what the test says; lets everything pass until then. */
  private static final class Gate implements PermissionGate {
    @Nullable Judgement next;

    interface Judgement {
      void judge(Subscriber subscriber, ClientMessage message, Consumer<ClientMessage> proceed);
    }

    @Override
    public void judge(
        Subscriber subscriber, ClientMessage message, Consumer<ClientMessage> proceed) {
      Judgement judgement = next;
      next = null;
      if (judgement == null) {
        proceed.accept(message);
      } else {
        judgement.judge(subscriber, message, proceed);
      }
    }

    @Override
    public void mayRead(Subscriber subscriber, RecordName name, Consumer<Boolean> answer) {
      answer.accept(true);
    }

    @Override
    public void visibleUsers(
        Subscriber subscriber, List<String> users, Consumer<List<String>> visible) {
      visible.accept(users);
    }
  }

  private Calls calls() {
    Features features = QuietFeatures.of(gate, loops.all(), records.records());
    return new Calls(
        7,
        loops.all().get(0),
        new User("u", null, null),
        TIMEOUT,
        subscriber -> new Dispatcher(subscriber, features),
        null);
  }

  private void make(ClientMessage request) {
    loops.all().get(0).execute(() -> calls.make(request, answers::add));
    loops.runAll();
  }

  @Test
  void whatTheOwnerSaysIsTheAnswer() {
    make(Requests.put(NAME, 1, new JsonText("{\"a\":1}")));
    assertThat(answers).isEmpty();

    records.carryOut();

    assertThat(answers).containsExactly(new Answer.Done());
  }

  @Test
  void anEventIsOverWhenItWasHandedOver() {
    make(Requests.emit("e", null));

    assertThat(answers).containsExactly(new Answer.Done());
  }

  @Test
  void anEventThatIsJudgedLaterIsNotOverBefore() {
    List<Runnable> judgement = new ArrayList<>();
    gate.next =
        (subscriber, message, proceed) -> {
          subscriber.hold();
          judgement.add(
              () -> {
                subscriber.release();
                proceed.accept(message);
              });
        };
    make(Requests.emit("e", null));
    assertThat(answers).isEmpty();

    loops.all().get(0).execute(judgement.get(0));
    loops.runAll();

    assertThat(answers).containsExactly(new Answer.Done());
  }

  @Test
  void anEventThatIsDeniedLaterHasFailed() {
    List<Runnable> judgement = new ArrayList<>();
    gate.next =
        (subscriber, message, proceed) -> {
          subscriber.hold();
          judgement.add(
              () -> {
                subscriber.release();
                subscriber.send(
                    new EventPush.Failure(
                        EventAction.MESSAGE_DENIED, "e", EventAction.EMIT, true, null));
              });
        };
    make(Requests.emit("e", null));

    loops.all().get(0).execute(judgement.get(0));
    loops.runAll();

    assertThat(answers).containsExactly(new Answer.Denied(EventAction.EMIT, "e"));
  }

  @Test
  void aReadThatIsDeniedHasFailed() {
    gate.next =
        (subscriber, message, proceed) ->
            subscriber.send(
                RecordPush.Failure.of(RecordAction.MESSAGE_DENIED, NAME, RecordAction.READ));
    make(Requests.read(NAME));

    assertThat(answers).containsExactly(new Answer.Denied(RecordAction.READ, "r"));
    assertThat(records.waiting()).isZero();
  }

  @Test
  void aNotificationOfWhichSomeNamesAreDeniedFailsWhenTheOthersAreDone() {
    gate.next =
        (subscriber, message, proceed) -> {
          subscriber.send(
              new RecordPush.Failure(
                  RecordAction.MESSAGE_DENIED,
                  "secret",
                  RecordAction.NOTIFY,
                  true,
                  WriteAckRequest.NONE,
                  null,
                  null));
          proceed.accept(message);
        };
    make(Requests.notify(List.of(NAME)));
    assertThat(answers).isEmpty();

    records.carryOut();

    assertThat(answers).containsExactly(new Answer.Denied(RecordAction.NOTIFY, "secret"));
  }

  @Test
  void withoutAnAnswerInTimeTheCallIsOverAndAllLaterOnes() {
    make(Requests.read(NAME));
    loops.advance(TIMEOUT);
    loops.runAll();
    make(Requests.emit("e", null));

    assertThat(answers).containsExactly(new Answer.TimedOut(), new Answer.TimedOut());
  }

  @Test
  void anAnswerThatComesTooLateIsNotTakenForAnother() {
    make(Requests.read(NAME));
    loops.advance(TIMEOUT);
    loops.runAll();
    records.carryOut();

    assertThat(answers).containsExactly(new Answer.TimedOut());
  }

  @Test
  void nobodyIsCalledBackAfterTheEnd() {
    make(Requests.read(NAME));
    loops.all().get(0).execute(calls::close);
    loops.runAll();
    records.carryOut();

    assertThat(answers).isEmpty();
    assertThat(loops.timers()).isZero();
  }

  /** Those after the deadline are answered at once, which must not be while they are made. */
  @Test
  void aLongRowOfCallsDoesNotGrowTheStack() {
    loops.advance(TIMEOUT);
    loops.runAll();
    int[] left = {100_000};
    loops
        .all()
        .get(0)
        .execute(
            new Runnable() {
              @Override
              public void run() {
                if (left[0]-- > 0) {
                  calls.make(Requests.emit("e", null), answer -> run());
                }
              }
            });
    loops.runAll();

    assertThat(left[0]).isEqualTo(-1);
  }
}

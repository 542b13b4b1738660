package io.millrace.server.permission;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.auth.User;
import io.millrace.server.subscription.FakeSubscriber;
import io.millrace.server.transport.ManualEventLoops;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A gate with rules, one session before it, and records that are read when the test says so. */
final class GateRig implements RecordReader {
  private static final RuleEngine ENGINE = new RuleEngine();

  final ManualEventLoops loops = new ManualEventLoops(1);
  final FakeSubscriber subscriber;
  final List<ClientMessage> proceeded = new ArrayList<>();

  /** What was sent and what went on, in its order. */
  final List<Object> happened = new ArrayList<>();

  int denied;
  int failed;
  private final Map<String, String> records = new HashMap<>();
  private final Map<RecordName, CompletableFuture<Optional<JsonText>>> open = new LinkedHashMap<>();
  private final ConfigGate gate;
  private boolean slow;

  /**
   * @param rules of any section; the missing ones allow everything
   */
  GateRig(String rules) {
    this(rules, new User("lena", null, new JsonText("{\"role\": \"seller\"}")));
  }

  GateRig(String rules, User user) {
    this.subscriber = new FakeSubscriber(1, loops.all().get(0), user);
    PermissionRules read = rules(rules);
    this.gate =
        new ConfigGate(
            () -> read,
            this,
            3,
            InstantSource.fixed(Instant.ofEpochMilli(5_000)),
            new PermissionCounter() {
              @Override
              public void denied() {
                denied++;
              }

              @Override
              public void failed() {
                failed++;
              }

              @Override
              public void reloaded() {}

              @Override
              public void reloadFailed() {}
            });
  }

  private static PermissionRules rules(String some) {
    var text = new StringBuilder(some);
    for (Section section : Section.values()) {
      if (!some.contains(section.key() + ":")) {
        text.append('\n').append(section.key()).append(": { \"*\": { ");
        section.ruleTypes().forEach(type -> text.append(type.key()).append(": true, "));
        text.append("} }");
      }
    }
    PermissionFile.Result result = PermissionFile.read(ENGINE, "p.yml", text.toString());
    assertThat(result).as(result.toString()).isInstanceOf(PermissionFile.Result.Loaded.class);
    return ((PermissionFile.Result.Loaded) result).rules();
  }

  GateRig record(String name, String json) {
    records.put(name, json);
    return this;
  }

  /** From now on records are read when {@link #answer} says so. */
  GateRig slow() {
    slow = true;
    return this;
  }

  @Override
  public CompletionStage<Optional<JsonText>> read(RecordName name) {
    var answer = new CompletableFuture<Optional<JsonText>>();
    open.put(name, answer);
    if (!slow) {
      answer(name.value());
    }
    return answer;
  }

  /** The names that are being read. */
  List<String> reading() {
    return open.keySet().stream().map(RecordName::value).toList();
  }

  void answer(String name) {
    CompletableFuture<Optional<JsonText>> answer = open.remove(new RecordName(name));
    assertThat(answer).isNotNull();
    answer.complete(Optional.ofNullable(records.get(name)).map(JsonText::new));
  }

  void failToRead(String name) {
    CompletableFuture<Optional<JsonText>> answer = open.remove(new RecordName(name));
    assertThat(answer).isNotNull();
    answer.completeExceptionally(new IllegalStateException("no storage"));
  }

  /** Has the gate judge the message, as far as nothing has to be waited for. */
  void judge(ClientMessage message) {
    loops
        .all()
        .get(0)
        .execute(
            () ->
                gate.judge(
                    subscriber,
                    message,
                    rest -> {
                      happened.addAll(subscriber.take());
                      happened.add(rest);
                      proceeded.add(rest);
                    }));
    settle();
  }

  void settle() {
    loops.runAll();
    happened.addAll(subscriber.take());
  }

  /** Which of the users may be known. */
  List<String> visible(String... users) {
    List<String> visible = new ArrayList<>();
    loops
        .all()
        .get(0)
        .execute(() -> gate.visibleUsers(subscriber, List.of(users), visible::addAll));
    loops.runAll();
    return visible;
  }

  /** What has been sent to the client. */
  List<ServerMessage> sent() {
    return happened.stream()
        .filter(ServerMessage.class::isInstance)
        .map(ServerMessage.class::cast)
        .toList();
  }
}

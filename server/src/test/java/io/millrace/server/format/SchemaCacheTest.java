package io.millrace.server.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.server.format.SchemaFetch.Answer;
import io.millrace.server.format.SchemaSource.Lookup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The registry and the time are in the test's hand. */
class SchemaCacheTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Answer FOUND =
      new Answer.Found(new RegisteredSchema("AVRO", "\"string\"", Map.of()));

  /** Each question waits until it is answered. */
  private static final class Registry implements SchemaFetch {
    final BlockingQueue<Integer> questions = new LinkedBlockingQueue<>();
    private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();

    @Override
    public Answer fetch(int id) throws InterruptedException {
      questions.add(id);
      return answers.take();
    }

    void answer(Answer answer) {
      answers.add(answer);
    }

    @Override
    public void close() {}
  }

  /** Pauses end at once, and the clock shows that they were made. */
  private static final class Time implements Pauses {
    final AtomicLong now = new AtomicLong();
    final List<Duration> pauses = new ArrayList<>();

    @Override
    public long nanos() {
      return now.get();
    }

    @Override
    public synchronized void pause(Duration duration) {
      pauses.add(duration);
      now.addAndGet(duration.toNanos());
    }

    synchronized List<Duration> pauses() {
      return List.copyOf(pauses);
    }
  }

  private final Registry registry = new Registry();
  private final Time time = new Time();
  private final RegistryState state = new RegistryState();
  private final SchemaCache cache = new SchemaCache(registry, PATIENCE, time, state);

  @AfterEach
  void close() {
    cache.close();
  }

  @Test
  void aSchemaIsAskedForOnceHoweverManyWait() {
    CompletionStage<?> first = pending(cache.find(7)).until();
    assertThat(pending(cache.find(7)).until()).isSameAs(first);
    registry.answer(FOUND);
    ended(first);

    assertThat(cache.find(7)).isInstanceOf(Lookup.Known.class);
    time.now.addAndGet(Duration.ofDays(1000).toNanos());
    assertThat(cache.find(7)).isInstanceOf(Lookup.Known.class);
    assertThat(registry.questions).containsExactly(7);
  }

  @Test
  void anUnknownSchemaMayComeLate() {
    CompletionStage<?> until = pending(cache.find(7)).until();
    registry.answer(new Answer.Unknown());
    ended(until);
    Lookup.Pending again = pending(cache.find(7));
    assertThat(again.reason()).isEqualTo("the schema registry does not know schema 7 yet");
    registry.answer(FOUND);
    ended(again.until());

    assertThat(cache.find(7)).isInstanceOf(Lookup.Known.class);
  }

  @Test
  void patienceWithAnUnknownSchemaEnds() {
    for (int i = 0; i < 100; i++) {
      registry.answer(new Answer.Unknown());
    }
    cache.find(7);
    await().until(() -> cache.find(7) instanceof Lookup.None);

    assertThat(cache.find(7)).isEqualTo(new Lookup.None("the schema registry knows no schema 7"));
    Duration waited = time.pauses().stream().reduce(Duration.ZERO, Duration::plus);
    assertThat(waited).isBetween(PATIENCE, PATIENCE.plusSeconds(2));
  }

  @Test
  void aRefusedSchemaIsAskedForOnceMoreAfterAMoment() {
    patienceWithAnUnknownSchemaEnds();
    registry.answers.clear();
    registry.questions.clear();
    cache.find(7);
    assertThat(registry.questions).isEmpty();

    time.now.addAndGet(SchemaCache.RECHECK.toNanos());
    CompletionStage<?> until = pending(cache.find(7)).until();
    registry.answer(new Answer.Unknown());
    ended(until);
    assertThat(cache.find(7)).isInstanceOf(Lookup.None.class);
    assertThat(registry.questions).containsExactly(7);

    time.now.addAndGet(SchemaCache.RECHECK.toNanos());
    until = pending(cache.find(7)).until();
    registry.answer(FOUND);
    ended(until);
    assertThat(cache.find(7)).isInstanceOf(Lookup.Known.class);
  }

  @Test
  void aRegistryThatIsAwayIsWaitedForWithoutEnd() {
    CompletionStage<?> until = pending(cache.find(7)).until();
    for (int i = 0; i < 100; i++) {
      registry.answer(new Answer.Failed("refused"));
      ended(until);
      Lookup.Pending next = pending(cache.find(7));
      assertThat(next.reason()).isEqualTo("the schema registry cannot be asked: refused");
      until = next.until();
    }
    assertThat(state.isAway()).isTrue();
    assertThat(state.failures()).isEqualTo(100);
    registry.answer(FOUND);
    ended(until);

    assertThat(cache.find(7)).isInstanceOf(Lookup.Known.class);
    assertThat(state.isAway()).isFalse();
    assertThat(time.pauses())
        .startsWith(Duration.ofMillis(200), Duration.ofMillis(400), Duration.ofMillis(800))
        .endsWith(Duration.ofSeconds(10));
  }

  /** A partition must not wait forever for a schema that is there and of no use. */
  @Test
  void aSchemaThatCannotBeReadIsRefused() {
    CompletionStage<?> until = pending(cache.find(7)).until();
    registry.answer(new Answer.Found(new RegisteredSchema("AVRO", "{", Map.of())));
    ended(until);

    assertThat(cache.find(7))
        .isInstanceOfSatisfying(
            Lookup.None.class,
            none -> assertThat(none.reason()).startsWith("schema 7 is no Avro schema"));
  }

  @Test
  void garbageThatLooksLikeIdsIsAskedForAFewAtATime() {
    for (int id = 0; id < 3_000; id++) {
      assertThat(cache.find(id)).isInstanceOf(Lookup.Pending.class);
    }
    await().until(() -> registry.questions.size() >= 4);
    assertThat(pending(cache.find(2_999)).reason()).isEqualTo("too many schemas are asked for");
    assertThat(registry.questions).hasSize(4);
  }

  @Test
  void whatIsRefusedAndKnownIsLimited() {
    for (int i = 0; i < 200; i++) {
      String text = "\"string\"" + " ".repeat(1 << 20);
      CompletionStage<?> until = pending(cache.find(i)).until();
      registry.answer(new Answer.Found(new RegisteredSchema("AVRO", text, Map.of())));
      ended(until);
      cache.find(0);
    }
    registry.questions.clear();

    assertThat(cache.find(0)).as("used all the time").isInstanceOf(Lookup.Known.class);
    assertThat(cache.find(199)).as("the newest").isInstanceOf(Lookup.Known.class);
    assertThat(cache.find(100)).as("long unused").isInstanceOf(Lookup.Pending.class);
  }

  private static Lookup.Pending pending(Lookup lookup) {
    assertThat(lookup).isInstanceOf(Lookup.Pending.class);
    return (Lookup.Pending) lookup;
  }

  private static void ended(CompletionStage<?> stage) {
    assertThat(stage.toCompletableFuture()).succeedsWithin(Duration.ofSeconds(30));
  }
}

package io.millrace.server.permission;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.subscription.Subscriber;
import io.millrace.server.transport.Continuation;
import io.millrace.server.transport.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes through the inquiries about one request, loads what they need, and calls back with all
 * outcomes. Confined to the session's loop. The session is held from the first thing that has to be
 * waited for until the call back has returned; if there is none, it is not held at all.
 */
final class Judgement {
  private static final Logger LOG = LoggerFactory.getLogger(Judgement.class);

  /** More than this would keep the loop from others: a request may have 100,000 names. */
  private static final int INQUIRIES_PER_TURN = 500;

  /** Records are loaded for so many names of one request at once, each of them may be large. */
  private static final int MAX_LOADING = 32;

  /** Longer than storage may take. */
  private static final Duration MAX_WAIT = Duration.ofSeconds(15);

  private static final RuleOutcome NOT_LOADED =
      new RuleOutcome.Failed("a record that it needs could not be loaded");

  private final Subscriber subscriber;
  private final RecordReader reader;
  private final IntFunction<Inquiry> inquiries;
  private final @Nullable RuleOutcome[] outcomes;
  private final Consumer<List<RuleOutcome>> done;
  private int next;
  private int loading;
  private int settled;
  private boolean advancing;
  private boolean held;
  private boolean over;
  private EventLoop.@Nullable Timer timer;

  /**
   * @param inquiries makes the one with that index, when its turn comes
   * @param done gets the outcomes in that order, none of them Needs
   */
  private Judgement(
      Subscriber subscriber,
      RecordReader reader,
      int count,
      IntFunction<Inquiry> inquiries,
      Consumer<List<RuleOutcome>> done) {
    this.subscriber = subscriber;
    this.reader = reader;
    this.inquiries = inquiries;
    this.outcomes = new RuleOutcome[count];
    this.done = done;
  }

  static void of(
      Subscriber subscriber,
      RecordReader reader,
      int count,
      IntFunction<Inquiry> inquiries,
      Consumer<List<RuleOutcome>> done) {
    var judgement = new Judgement(subscriber, reader, count, inquiries, done);
    judgement.advance();
    if (!judgement.over) {
      judgement.hold();
    }
  }

  private void hold() {
    held = true;
    subscriber.hold();
    timer = subscriber.loop().schedule(MAX_WAIT, this::giveUp);
  }

  private void advance() {
    if (advancing || over) {
      return;
    }
    advancing = true;
    int turn = 0;
    while (next < outcomes.length && loading < MAX_LOADING && turn < INQUIRIES_PER_TURN) {
      int index = next++;
      run(index, inquiries.apply(index));
      turn++;
    }
    advancing = false;
    if (settled == outcomes.length) {
      finish();
    } else if (next < outcomes.length && loading < MAX_LOADING) {
      subscriber.loop().execute(this::advance);
    }
  }

  private void run(int index, Inquiry inquiry) {
    RuleOutcome outcome;
    try {
      outcome = inquiry.run();
    } catch (RuntimeException e) {
      LOG.error("a permission could not be judged because of a bug", e);
      outcome = new RuleOutcome.Failed("a bug");
    }
    if (outcome instanceof RuleOutcome.Needs needs) {
      loading++;
      new Loading(index, inquiry, needs.records().size()).begin(needs);
    } else {
      settle(index, outcome);
    }
  }

  private void settle(int index, RuleOutcome outcome) {
    outcomes[index] = outcome;
    settled++;
  }

  private void giveUp() {
    for (int i = 0; i < outcomes.length && !over; i++) {
      if (outcomes[i] == null) {
        outcomes[i] = NOT_LOADED;
      }
    }
    finish();
  }

  private void finish() {
    if (over) {
      return;
    }
    over = true;
    if (timer != null) {
      timer.cancel();
    }
    try {
      done.accept(List.of(outcomes));
    } finally {
      if (held) {
        subscriber.release();
      }
    }
  }

  /** What one inquiry needs for its next run. */
  private final class Loading {
    private final int index;
    private final Inquiry inquiry;
    private int missing;
    private boolean failed;

    Loading(int index, Inquiry inquiry, int missing) {
      this.index = index;
      this.inquiry = inquiry;
      this.missing = missing;
    }

    void begin(RuleOutcome.Needs needs) {
      for (RecordName name : needs.records()) {
        Continuation.of(
            reader.read(name), (data, failure) -> subscriber.loop().run(() -> loaded(name, data)));
      }
    }

    private void loaded(RecordName name, @Nullable Optional<JsonText> data) {
      if (over || failed) {
        return;
      }
      Optional<JsonNode> tree = data == null ? Optional.empty() : data.flatMap(Json::parse);
      if (data == null || (data.isPresent() && tree.isEmpty())) {
        failed = true;
        loading--;
        settle(index, NOT_LOADED);
        advance();
        return;
      }
      inquiry.loaded(name, tree);
      missing--;
      if (missing == 0) {
        loading--;
        run(index, inquiry);
        advance();
      }
    }
  }
}

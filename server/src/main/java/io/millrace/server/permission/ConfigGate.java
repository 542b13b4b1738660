package io.millrace.server.permission;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.server.subscription.Subscriber;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Judges by the rules of a permission file (protocol §8.1). Thread-safe: what belongs to a request
 * is confined to its session's loop.
 *
 * <p><b>What a rule sees.</b> Records are read from their owners when the request's turn has come,
 * after everything that this node has asked about them before, so also after the session's own
 * earlier writes. The session is held until the rule has decided.
 *
 * <p><b>What is not promised.</b> Between the judgement and the write another client's write may
 * come. A write that names its version then conflicts; a forced one (version -1) is applied to a
 * state that its rule has not seen. The same holds for a record that is deleted between the
 * judgement of SUBSCRIBECREATEANDREAD and the subscription, which is then created without having
 * been asked for the create rule. The reference is no stricter.
 */
public final class ConfigGate implements PermissionGate {
  private static final Logger LOG = LoggerFactory.getLogger(ConfigGate.class);

  private final Supplier<PermissionRules> rules;
  private final RecordReader reader;
  private final int maxRuns;
  private final InstantSource clock;
  private final PermissionCounter counter;

  /**
   * @param file whose rules are asked, from the next request on also those of its next version
   * @param maxRuns how often a rule is run for one check
   */
  public ConfigGate(
      WatchedRules file,
      RecordReader reader,
      int maxRuns,
      InstantSource clock,
      PermissionCounter counter) {
    this(file::current, reader, maxRuns, clock, counter);
  }

  ConfigGate(
      Supplier<PermissionRules> rules,
      RecordReader reader,
      int maxRuns,
      InstantSource clock,
      PermissionCounter counter) {
    this.rules = rules;
    this.reader = reader;
    this.maxRuns = maxRuns;
    this.clock = clock;
    this.counter = counter;
  }

  @Override
  public void judge(Subscriber subscriber, ClientMessage message, Consumer<ClientMessage> proceed) {
    Asked asked = questions(subscriber).of(message);
    if (asked == null) {
      proceed.accept(message);
      return;
    }
    Judgement.of(
        subscriber,
        reader,
        asked.count(),
        asked.inquiry(),
        outcomes -> judged(subscriber, message, asked, outcomes, proceed));
  }

  @Override
  public void visibleUsers(
      Subscriber subscriber, List<String> users, Consumer<List<String>> visible) {
    Questions questions = questions(subscriber);
    Judgement.of(
        subscriber,
        reader,
        users.size(),
        index -> questions.mayKnow(users.get(index)),
        outcomes -> {
          List<String> known = new ArrayList<>(users.size());
          for (int i = 0; i < users.size(); i++) {
            if (outcomes.get(i) instanceof RuleOutcome.Granted) {
              known.add(users.get(i));
            }
          }
          visible.accept(known);
        });
  }

  private Questions questions(Subscriber subscriber) {
    return new Questions(rules.get(), subscriber.user(), maxRuns, clock.millis());
  }

  private void judged(
      Subscriber subscriber,
      ClientMessage message,
      Asked asked,
      List<RuleOutcome> outcomes,
      Consumer<ClientMessage> proceed) {
    List<Integer> granted = new ArrayList<>(outcomes.size());
    for (int i = 0; i < outcomes.size(); i++) {
      if (outcomes.get(i) instanceof RuleOutcome.Granted) {
        granted.add(i);
      }
    }
    if (granted.size() == outcomes.size()) {
      proceed.accept(message);
      return;
    }
    // This one is acknowledged before anything else is said about it (protocol §3.2).
    boolean ackFirst =
        message instanceof RecordRequest.Bulk bulk
            && bulk.action() == RecordAction.SUBSCRIBECREATEANDREAD;
    if (!ackFirst) {
      refuse(subscriber, message, asked, outcomes);
    }
    if (!granted.isEmpty() && asked.rest() != null) {
      proceed.accept(asked.rest().apply(granted));
    } else if (ackFirst && message instanceof RecordRequest.Bulk bulk) {
      subscriber.send(new RecordPush.Ack(bulk.action(), null, bulk.names(), bulk.correlationId()));
    }
    if (ackFirst) {
      refuse(subscriber, message, asked, outcomes);
    }
  }

  private void refuse(
      Subscriber subscriber, ClientMessage message, Asked asked, List<RuleOutcome> outcomes) {
    for (int i = 0; i < outcomes.size(); i++) {
      Refusals.Reason reason =
          switch (outcomes.get(i)) {
            case RuleOutcome.Granted() -> null;
            case RuleOutcome.Denied() -> {
              counter.denied();
              yield Refusals.Reason.DENIED;
            }
            case RuleOutcome.Failed(var why) -> {
              counter.failed();
              LOG.debug("a rule for {} failed: {}", message.action(), why);
              yield Refusals.Reason.PERMISSION_ERROR;
            }
            case RuleOutcome.Invalid() -> Refusals.Reason.INVALID_DATA;
            case RuleOutcome.Needs needs -> throw new IllegalStateException("was not loaded");
          };
      if (reason != null) {
        subscriber.send(Refusals.of(message, asked.name().apply(i), reason));
      }
    }
  }
}

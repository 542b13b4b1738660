package io.millrace.server.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.server.config.KafkaConfig;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which messages are meant: all conditions hold. What a message without value, or a deleted row,
 * cannot have any more holds nothing back: a deletion that gets lost would leave the record there
 * for good, and one too many finds no record.
 */
final class Filter {
  private final List<Rule> rules;

  private record Rule(Field field, KafkaConfig.Condition condition) {}

  private Filter(List<Rule> rules) {
    this.rules = rules;
  }

  /**
   * @param ofItems whether the conditions on items are meant, or the others
   * @throws IllegalArgumentException if a condition's field is none
   */
  static Filter of(List<KafkaConfig.Condition> conditions, boolean ofItems) {
    return new Filter(
        conditions.stream()
            .map(Filter::rule)
            .filter(rule -> rule.field().isOfItem() == ofItems)
            .toList());
  }

  private static Rule rule(KafkaConfig.Condition condition) {
    return new Rule(
        Field.named(condition.field())
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "filter: '%s' is none of %s".formatted(condition.field(), Field.CHOICES))),
        condition);
  }

  /** The message if it is meant. */
  Attempt<Message> pass(Message message) {
    for (Rule rule : rules) {
      Attempt<Boolean> holds = holds(rule, message);
      if (!(holds instanceof Attempt.Got<Boolean>(Boolean yes))) {
        return holds.because(" needed by filter").map(unused -> message);
      }
      if (!yes) {
        return Attempt.skipped("left out by the filter on " + rule.condition().field());
      }
    }
    return Attempt.got(message);
  }

  private static Attempt<Boolean> holds(Rule rule, Message message) {
    boolean mayBeGone = rule.field().needsPayload() && (!message.hasPayload() || message.isGone());
    return switch (rule.field().value(message)) {
      case Attempt.Got<JsonNode>(JsonNode value) when !value.isNull() ->
          Attempt.got(holds(rule.condition(), value));
      case Attempt.Got<JsonNode> isNull -> Attempt.got(mayBeGone || holds(rule.condition(), null));
      case Attempt.Refused<JsonNode>(String reason, boolean absent) ->
          absent
              ? Attempt.got(mayBeGone || holds(rule.condition(), null))
              : Attempt.refused(reason);
      case Attempt.Skipped<JsonNode>(String reason) -> Attempt.skipped(reason);
      case Attempt.Unavailable<JsonNode>(String reason, var until) ->
          new Attempt.Unavailable<>(reason, until);
    };
  }

  private static boolean holds(KafkaConfig.Condition condition, @Nullable JsonNode value) {
    String text = value != null && value.isValueNode() ? value.asText() : null;
    Boolean exists = condition.exists();
    return (exists == null || exists == (value != null))
        && holds(condition.equals(), expected -> expected.equals(text))
        && holds(condition.startsWith(), start -> text != null && text.startsWith(start))
        && (condition.in().isEmpty() || (text != null && condition.in().contains(text)))
        && (text == null || !condition.notIn().contains(text));
  }

  private static boolean holds(@Nullable String given, Predicate<String> test) {
    return given == null || test.test(given);
  }
}

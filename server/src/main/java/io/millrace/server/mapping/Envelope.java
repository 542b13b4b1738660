package io.millrace.server.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** How the payloads of a source say what changes. */
sealed interface Envelope permits PlainEnvelope, NativeEnvelope, RowEnvelope {

  /** Most changes of one message: each costs a hundred times what it takes in the message. */
  int MAX_ITEMS = 10_000;

  /** The changes in the order of the message, several of one record among them. */
  Attempt<List<MappedChange>> changes(Message message);

  /** One change for each item, but for those that are left out. */
  static Attempt<List<MappedChange>> each(
      ArrayNode items, Function<JsonNode, Attempt<MappedChange>> change) {
    if (items.isEmpty()) {
      return Attempt.skipped("message has no items");
    }
    if (items.size() > MAX_ITEMS) {
      return Attempt.refused(
          "message has %d items, %d are allowed".formatted(items.size(), MAX_ITEMS));
    }
    List<MappedChange> changes = new ArrayList<>(items.size());
    String skipped = "";
    for (int i = 0; i < items.size(); i++) {
      switch (change.apply(items.get(i))) {
        case Attempt.Got<MappedChange>(MappedChange made) -> changes.add(made);
        case Attempt.Skipped<MappedChange>(String reason) -> skipped = reason;
        case Attempt.Refused<MappedChange>(String reason, boolean absent) -> {
          return Attempt.refused("item " + i + ": " + reason);
        }
        case Attempt.Unavailable<MappedChange>(String reason, var until) -> {
          return new Attempt.Unavailable<>(reason, until);
        }
      }
    }
    return changes.isEmpty() ? Attempt.skipped("every item: " + skipped) : Attempt.got(changes);
  }
}

package io.millrace.server.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.millrace.protocol.value.JsonPath;
import io.millrace.server.config.KafkaConfig;
import io.millrace.server.record.DeltaOperation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Payloads are data, and the source says what they are for.
 *
 * <p>{@code set}, {@code delete} and {@code json-patch} are about the whole record and leave the
 * path unused; {@code patch} and {@code merge} without a path are about the whole record, too. A
 * message without value (a tombstone) deletes the record unless its operation says something else
 * in a header; where a source changes parts of records it is refused, because one part's tombstone
 * must not take the others along.
 */
final class PlainEnvelope implements Envelope {
  private final Target target;
  private final Template operation;
  private final @Nullable String each;
  private final @Nullable JsonPath eachPath;
  private final Filter messages;
  private final Filter items;

  PlainEnvelope(KafkaConfig.Source source) {
    each = source.each();
    eachPath = each == null ? null : eachPath(each);
    target = new Target(source, each == null ? "payload" : "item");
    operation = Template.of("operation", source.operation());
    messages = Filter.of(source.filter(), false);
    items = Filter.of(source.filter(), true);
    if (!target.hasRecord()) {
      throw new IllegalArgumentException("the record template is missing");
    }
    if (operation.isConstant()) {
      checkOperation(Operations.word(source.operation()));
    }
  }

  private void checkOperation(String word) {
    if (!Operations.WORDS.contains(word)) {
      throw new IllegalArgumentException(
          "operation '" + word + "' is none of " + String.join(", ", Operations.WORDS));
    }
    if (word.equals("erase") && !target.hasPath()) {
      throw new IllegalArgumentException("operation erase needs a path");
    }
  }

  private static @Nullable JsonPath eachPath(String text) {
    if (text.equals("payload")) {
      return null;
    }
    if (!text.startsWith("payload.")) {
      throw new IllegalArgumentException("each '" + text + "' does not start with 'payload'");
    }
    return JsonPath.parse(text.substring("payload.".length()))
        .orElseThrow(() -> new IllegalArgumentException("each '" + text + "' is no JSON path"));
  }

  @Override
  public Attempt<List<MappedChange>> changes(Message message) {
    Attempt<Message> meant = messages.pass(message);
    return each == null || !message.hasPayload()
        ? meant.flatMap(this::change).map(List::of)
        : meant.flatMap(this::items);
  }

  private Attempt<List<MappedChange>> items(Message message) {
    JsonPath path = eachPath;
    Attempt<JsonNode> array = path == null ? message.payload() : message.payloadField(path);
    return array
        .because(" needed by each")
        .flatMap(
            value ->
                value instanceof ArrayNode list
                    ? Envelope.each(
                        list, item -> items.pass(message.about(item)).flatMap(this::change))
                    : Attempt.refused(each + " is no array"));
  }

  private Attempt<MappedChange> change(Message message) {
    return target
        .record(message)
        .flatMap(name -> operation(message).map(what -> target.change(name, what, message)));
  }

  private Attempt<DeltaOperation> operation(Message message) {
    Attempt<String> word = operation.render(message).map(Operations::word);
    if (!message.hasPayload() && !saysWhatToDo(word)) {
      return target.hasPath()
          ? Attempt.refused(
              "message has no value, which is no erase or delete where a path is configured")
          : Attempt.got(new DeltaOperation.Delete());
    }
    return word.flatMap(
        text ->
            Operations.of(text, target.parts(message, () -> target.data(message, each != null))));
  }

  /** Whether a message without value has an operation of its own that needs none. */
  private boolean saysWhatToDo(Attempt<String> word) {
    return word instanceof Attempt.Got<String>(String text)
        && (!Operations.needsData(text) || operation.needsHeader());
  }
}

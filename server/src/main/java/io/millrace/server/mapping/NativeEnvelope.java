package io.millrace.server.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.JsonPath;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.config.KafkaConfig;
import io.millrace.server.record.DeltaOperation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Payloads are {@code {record, op, path, data}}, or an array of these. The record may be left to
 * the source's template and the operation to the source's; a message without value deletes the
 * template's record.
 */
final class NativeEnvelope implements Envelope {
  private final Target target;
  private final Template operation;
  private final Filter filter;

  NativeEnvelope(KafkaConfig.Source source) {
    target = new Target(source, "payload");
    operation = Template.of("operation", source.operation());
    filter = Filter.of(source.filter(), false);
  }

  @Override
  public Attempt<List<MappedChange>> changes(Message message) {
    Attempt<Message> meant = filter.pass(message);
    if (!message.hasPayload()) {
      return meant
          .flatMap(target::record)
          .map(name -> List.of(target.change(name, new DeltaOperation.Delete(), message)));
    }
    return meant
        .flatMap(Message::payload)
        .because(" needed as envelope")
        .flatMap(
            payload ->
                payload instanceof ArrayNode changes
                    ? Envelope.each(changes, change -> change(change, message))
                    : change(payload, message).map(List::of));
  }

  private Attempt<MappedChange> change(JsonNode payload, Message message) {
    if (!(payload instanceof ObjectNode envelope)) {
      return Attempt.refused("envelope is no object of record, op, path, data");
    }
    return record(envelope, message)
        .flatMap(
            name -> operation(envelope, message).map(what -> target.change(name, what, message)));
  }

  private Attempt<RecordName> record(ObjectNode envelope, Message message) {
    JsonNode record = envelope.get("record");
    if (record == null && target.hasRecord()) {
      return target.record(message);
    }
    return record != null && record.isTextual()
        ? Target.name(record.textValue(), "envelope has")
        : Attempt.refused("envelope has no record that is a string");
  }

  private Attempt<DeltaOperation> operation(ObjectNode envelope, Message message) {
    JsonNode op = envelope.get("op");
    if (op == null) {
      return operation.render(message).flatMap(word -> operation(word, envelope));
    }
    return op.isTextual()
        ? operation(op.textValue(), envelope)
        : Attempt.refused("envelope has an op that is no string");
  }

  private static Attempt<DeltaOperation> operation(String text, ObjectNode envelope) {
    JsonNode path = envelope.get("path");
    if (path != null && !path.isTextual()) {
      return Attempt.refused("envelope has a path that is no string");
    }
    String word = Operations.word(text);
    boolean isWhole = List.of("set", "delete", "json-patch").contains(word);
    if (path != null && !path.textValue().isEmpty() && isWhole) {
      // What was meant may be the part, and the rest of the record would be lost.
      return Attempt.refused("operation " + word + " is about the whole record and takes no path");
    }
    return Operations.of(word, new Given(path == null ? "" : path.textValue(), envelope));
  }

  private record Given(String pathText, ObjectNode envelope) implements Operations.Parts {
    @Override
    public boolean hasPath() {
      return !pathText.isEmpty();
    }

    @Override
    public Attempt<JsonPath> path() {
      return Operations.path(pathText);
    }

    @Override
    public Attempt<JsonNode> data() {
      @Nullable JsonNode data = envelope.get("data");
      return data == null ? Attempt.refused("envelope has no data") : Attempt.got(data);
    }
  }
}

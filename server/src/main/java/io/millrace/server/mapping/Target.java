package io.millrace.server.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.Limits;
import io.millrace.protocol.value.JsonPath;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.config.KafkaConfig;
import io.millrace.server.record.DeltaOperation;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the templates of a source say about one change: which record, which part, what data. */
final class Target {
  private final @Nullable Template record;
  private final @Nullable Template path;
  private final Place data;
  private final @Nullable Template sequence;

  /** Where a value is. */
  private record Place(String root, @Nullable JsonPath path) {}

  /**
   * @param root where data is if the source does not say: {@code payload}, {@code item}, {@code
   *     row}
   * @throws IllegalArgumentException if the source's templates make no sense
   */
  Target(KafkaConfig.Source source, String root) {
    String recordText = source.record();
    if (recordText != null && recordText.isEmpty()) {
      throw new IllegalArgumentException("the record template is empty");
    }
    record = recordText == null ? null : Template.of("record", recordText);
    String pathText = source.path();
    path = pathText == null || pathText.isEmpty() ? null : Template.ofPath(pathText);
    String dataText = source.data();
    data = place(dataText == null || dataText.isEmpty() ? root : dataText);
    String sequenceText = source.sequence();
    sequence = sequenceText == null ? null : Template.of("sequence", sequenceText);
  }

  private static Place place(String text) {
    int dot = text.indexOf('.');
    String root = dot < 0 ? text : text.substring(0, dot);
    if (!root.equals("payload") && !root.equals("item") && !root.equals("row")) {
      throw new IllegalArgumentException(
          "data '" + text + "' does not start with 'payload', 'item' or 'row'");
    }
    return new Place(
        root,
        dot < 0
            ? null
            : JsonPath.parse(text.substring(dot + 1))
                .orElseThrow(
                    () -> new IllegalArgumentException("data '" + text + "' is no JSON path")));
  }

  boolean hasRecord() {
    return record != null;
  }

  Attempt<RecordName> record(Message message) {
    return record == null
        ? Attempt.refused("message does not say which record it is about")
        : record.render(message).flatMap(text -> name(text, "record template gives"));
  }

  static Attempt<RecordName> name(String text, String what) {
    return RecordName.isValid(text)
        ? Attempt.got(new RecordName(text))
        : Attempt.refused(
            "%s a name of %d characters, %d are allowed"
                .formatted(what, text.length(), Limits.MAX_NAME_LENGTH));
  }

  boolean hasPath() {
    return path != null;
  }

  Attempt<JsonPath> path(Message message) {
    return path == null
        ? Attempt.refused("no path is configured")
        : path.render(message).flatMap(Operations::path);
  }

  /** What belongs to one item only is handed out as it is, everything else as a copy. */
  Attempt<JsonNode> data(Message message, boolean isShared) {
    JsonPath at = data.path();
    Attempt<JsonNode> found =
        switch (data.root()) {
          case "item" -> at == null ? message.item() : message.itemField(at);
          case "row" -> at == null ? message.row() : message.rowField(at);
          default -> at == null ? message.payload() : message.payloadField(at);
        };
    boolean isOwn = !isShared || data.root().equals("item");
    return (isOwn ? found : found.map(JsonNode::<JsonNode>deepCopy)).because(" needed as data");
  }

  /** What an operation is made of, with that data. */
  Operations.Parts parts(Message message, Supplier<Attempt<JsonNode>> ownData) {
    return new Operations.Parts() {
      @Override
      public boolean hasPath() {
        return Target.this.hasPath();
      }

      @Override
      public Attempt<JsonPath> path() {
        return Target.this.path(message);
      }

      @Override
      public Attempt<JsonNode> data() {
        return ownData.get();
      }
    };
  }

  /** The change, with the Host's number of it. */
  MappedChange change(RecordName name, DeltaOperation operation, Message message) {
    return new MappedChange(name, operation, sequence(message));
  }

  /** Only counted: a message without it, or with nonsense in its place, is applied all the same. */
  private OptionalLong sequence(Message message) {
    if (sequence != null && sequence.render(message) instanceof Attempt.Got<String>(String text)) {
      try {
        return OptionalLong.of(Long.parseLong(text));
      } catch (NumberFormatException e) {
        return OptionalLong.empty();
      }
    }
    return OptionalLong.empty();
  }
}

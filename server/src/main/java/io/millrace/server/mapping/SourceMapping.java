package io.millrace.server.mapping;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.Limits;
import io.millrace.protocol.value.JsonPath;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.config.KafkaConfig;
import io.millrace.server.record.DeltaOperation;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a source makes deltas of messages: pure, and total. Whatever is wrong with a message comes
 * back as a reason.
 *
 * <p>{@code set} and {@code delete} are about the whole record and leave the path unused; {@code
 * patch} and {@code merge} without a path are about the whole record, too. A message without value
 * (a tombstone) deletes the record unless its operation says something else in a header; where a
 * source changes parts of records it is refused, because one part's tombstone must not take the
 * others along.
 */
public final class SourceMapping {
  private static final String OPERATIONS = "set, patch, merge, erase, delete";
  private static final Set<String> WITHOUT_DATA = Set.of("erase", "delete");
  private static final int MAX_QUOTED = 40;

  private final Template record;
  private final Template operation;
  private final @Nullable Template path;
  private final @Nullable JsonPath data;

  /**
   * @throws IllegalArgumentException if the source's templates make no sense
   */
  public SourceMapping(KafkaConfig.Source source) {
    record = Template.of("record", source.record());
    operation = Template.of("operation", source.operation());
    String pathText = source.path();
    path = pathText == null || pathText.isEmpty() ? null : Template.ofPath(pathText);
    data = dataPath(source.data());
    if (source.record().isEmpty()) {
      throw new IllegalArgumentException("the record template is empty");
    }
    if (operation.isConstant()) {
      checkOperation(source.operation().toLowerCase(Locale.ROOT));
    }
  }

  private void checkOperation(String word) {
    if (!Set.of(OPERATIONS.split(", ", -1)).contains(word)) {
      throw new IllegalArgumentException("operation '" + word + "' is none of " + OPERATIONS);
    }
    if (word.equals("erase") && path == null) {
      throw new IllegalArgumentException("operation erase needs a path");
    }
  }

  private static @Nullable JsonPath dataPath(@Nullable String text) {
    if (text == null || text.isEmpty() || text.equals("payload")) {
      return null;
    }
    if (!text.startsWith("payload.")) {
      throw new IllegalArgumentException("data '" + text + "' does not start with 'payload'");
    }
    return JsonPath.parse(text.substring("payload.".length()))
        .orElseThrow(() -> new IllegalArgumentException("data '" + text + "' is no JSON path"));
  }

  /** The changes that {@code message} stands for, or why it stands for none. */
  public Mapped map(SourceMessage message) {
    Message fields = new Message(message);
    return switch (change(fields)) {
      case Attempt.Got<MappedChange>(MappedChange change) -> new Mapped.Changes(List.of(change));
      case Attempt.Refused<MappedChange>(String reason) -> new Mapped.Refused(reason);
    };
  }

  private Attempt<MappedChange> change(Message message) {
    return record
        .render(message)
        .flatMap(SourceMapping::recordName)
        .flatMap(name -> operation(message).map(what -> new MappedChange(name, what)));
  }

  private static Attempt<RecordName> recordName(String text) {
    return RecordName.isValid(text)
        ? Attempt.got(new RecordName(text))
        : Attempt.refused(
            "record template gives a name of %d characters, %d are allowed"
                .formatted(text.length(), Limits.MAX_NAME_LENGTH));
  }

  private Attempt<DeltaOperation> operation(Message message) {
    Attempt<String> word = operation.render(message).map(text -> text.toLowerCase(Locale.ROOT));
    if (!message.hasPayload() && !saysWhatToDo(word)) {
      return path == null
          ? Attempt.got(new DeltaOperation.Delete())
          : Attempt.refused(
              "message has no value, which is no erase or delete where a path is configured");
    }
    return word.flatMap(text -> operation(text, message));
  }

  /** Whether a message without value has an operation of its own that needs none. */
  private boolean saysWhatToDo(Attempt<String> word) {
    return switch (word) {
      case Attempt.Got<String>(String text) ->
          WITHOUT_DATA.contains(text) || operation.needsHeader();
      case Attempt.Refused<String> refused -> false;
    };
  }

  private Attempt<DeltaOperation> operation(String word, Message message) {
    return switch (word) {
      case "set" -> data(message).flatMap(SourceMapping::set);
      case "patch" ->
          path == null
              ? data(message).flatMap(SourceMapping::set)
              : path(path, message)
                  .flatMap(at -> data(message).map(to -> new DeltaOperation.Patch(at, to)));
      case "merge" ->
          path == null
              ? object(message).map(DeltaOperation.Merge::new)
              : path(path, message)
                  .flatMap(at -> object(message).map(to -> new DeltaOperation.MergeAt(at, to)));
      case "erase" ->
          path == null
              ? Attempt.refused("operation erase needs a path, and none is configured")
              : path(path, message).map(DeltaOperation.Erase::new);
      case "delete" -> Attempt.got(new DeltaOperation.Delete());
      default -> Attempt.refused("operation '" + quoted(word) + "' is none of " + OPERATIONS);
    };
  }

  private static Attempt<DeltaOperation> set(JsonNode value) {
    return value instanceof ContainerNode<?> container
        ? Attempt.got(new DeltaOperation.Set(container))
        : Attempt.refused("data for a whole record is no object and no array");
  }

  private Attempt<ObjectNode> object(Message message) {
    return data(message)
        .flatMap(
            value ->
                value instanceof ObjectNode object
                    ? Attempt.got(object)
                    : Attempt.refused("data to merge is no object"));
  }

  private Attempt<JsonNode> data(Message message) {
    return (data == null ? message.payload() : message.at(data)).because(" needed as data");
  }

  private static Attempt<JsonPath> path(Template template, Message message) {
    return template
        .render(message)
        .flatMap(
            text ->
                JsonPath.parse(text)
                    .map(Attempt::got)
                    .orElse(
                        Attempt.refused("path '" + quoted(text) + "' is none that may be used")));
  }

  private static String quoted(String text) {
    return text.length() <= MAX_QUOTED ? text : text.substring(0, MAX_QUOTED) + "...";
  }
}

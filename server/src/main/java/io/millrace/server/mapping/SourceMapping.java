package io.millrace.server.mapping;

import io.millrace.protocol.value.RecordName;
import io.millrace.server.config.KafkaConfig;
import io.millrace.server.record.DeltaOperation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How a source makes changes of messages: pure, and total. Whatever is wrong with a message comes
 * back as a reason. Thread-safe if its formats are.
 */
public final class SourceMapping {

  /**
   * The header in which whatever writes record changes to topics says the name of its cluster, in
   * UTF-8. A message with our own is left out: it would go round forever.
   */
  public static final String ORIGIN_HEADER = "millrace.origin";

  private final Message.Formats formats;
  private final byte @Nullable [] origin;
  private final Envelope envelope;

  /**
   * Keys are text, values JSON, and nobody else's changes come back.
   *
   * @throws IllegalArgumentException if the source's templates make no sense
   */
  public SourceMapping(KafkaConfig.Source source) {
    this(source, TextFormat.INSTANCE, JsonFormat.INSTANCE, null);
  }

  /**
   * @param cluster our own name, whose messages are left out; null: none are
   * @throws IllegalArgumentException if the source's templates make no sense
   */
  public SourceMapping(
      KafkaConfig.Source source, PayloadFormat key, PayloadFormat value, @Nullable String cluster) {
    origin = cluster == null ? null : cluster.getBytes(StandardCharsets.UTF_8);
    boolean hasRows =
        switch (source.envelope()) {
          case NONE, NATIVE -> false;
          case DEBEZIUM, FLATTENED -> true;
        };
    formats = new Message.Formats(key, value, hasRows);
    envelope =
        switch (source.envelope()) {
          case NONE -> new PlainEnvelope(source);
          case NATIVE -> new NativeEnvelope(source);
          case DEBEZIUM -> new RowEnvelope(source, false);
          case FLATTENED -> new RowEnvelope(source, true);
        };
  }

  /** The changes that {@code message} stands for, or why it stands for none. */
  public Mapped map(SourceMessage message) {
    return switch (changes(message)) {
      case Attempt.Got<List<MappedChange>>(List<MappedChange> changes) ->
          new Mapped.Changes(onePerRecord(changes));
      case Attempt.Refused<List<MappedChange>> refused -> new Mapped.Refused(refused.reason());
      case Attempt.Skipped<List<MappedChange>> skipped -> new Mapped.Changes(List.of());
      case Attempt.Unavailable<List<MappedChange>>(String reason, var until) ->
          new Mapped.Unavailable(reason, until);
    };
  }

  /** Why {@code message} is about nothing, for people; empty if it is about something. */
  public Optional<String> skipReason(SourceMessage message) {
    return changes(message) instanceof Attempt.Skipped<List<MappedChange>>(String reason)
        ? Optional.of(reason)
        : Optional.empty();
  }

  private Attempt<List<MappedChange>> changes(SourceMessage message) {
    return origin != null && Arrays.equals(origin, message.header(ORIGIN_HEADER))
        ? Attempt.skipped("this cluster wrote it")
        : envelope.changes(new Message(message, formats));
  }

  /** A record knows that it has seen a message, not how much of it. */
  private static List<MappedChange> onePerRecord(List<MappedChange> changes) {
    if (changes.size() == 1) {
      return changes;
    }
    Map<RecordName, List<MappedChange>> byRecord = new LinkedHashMap<>();
    changes.forEach(
        change -> byRecord.computeIfAbsent(change.name(), name -> new ArrayList<>()).add(change));
    return byRecord.values().stream().map(SourceMapping::together).toList();
  }

  private static MappedChange together(List<MappedChange> changes) {
    if (changes.size() == 1) {
      return changes.getFirst();
    }
    List<DeltaOperation> operations = new ArrayList<>(changes.size());
    OptionalLong sequence = OptionalLong.empty();
    for (MappedChange change : changes) {
      if (change.operation() instanceof DeltaOperation.Sequence(List<DeltaOperation> several)) {
        operations.addAll(several);
      } else {
        operations.add(change.operation());
      }
      sequence = change.sequence().isPresent() ? change.sequence() : sequence;
    }
    return new MappedChange(
        changes.getFirst().name(), new DeltaOperation.Sequence(operations), sequence);
  }
}

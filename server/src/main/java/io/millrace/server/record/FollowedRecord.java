package io.millrace.server.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonPatch;
import io.millrace.protocol.value.JsonPath;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.transport.MessageEncoder;
import io.millrace.server.transport.SharedMessage;
import org.jspecify.annotations.Nullable;

/**
 * This node's copy of a record that somebody here follows: the read cache, and the guard that lets
 * every version pass once and in order. Confined to the record's home loop.
 *
 * <p>The copy is a tree of its own, changed by the same patches as the owner's. Its text, and the
 * frames that carry it, are made when somebody asks and kept until the next change: a hundred
 * thousand clients that open the record in one second share one frame.
 */
final class FollowedRecord {

  /** In the place of a version: the end of a life, which no version of it reaches. */
  static final int REMOVED = Integer.MAX_VALUE;

  /** What a change meant to the copy. */
  enum Step {
    /** It was the next one: the copy has moved. */
    TAKEN,
    /** The copy is past it. */
    OLD,
    /** Something is missing in between: the copy must be read again. */
    GAP
  }

  private final RecordName name;
  private long incarnation;
  private int version = RecordSnapshot.MISSING;
  private @Nullable ContainerNode<?> data;
  private @Nullable JsonText text;
  private @Nullable SharedMessage readResponse;
  private @Nullable SharedMessage update;

  FollowedRecord(RecordName name) {
    this.name = name;
  }

  RecordName name() {
    return name;
  }

  int version() {
    return version;
  }

  long incarnation() {
    return incarnation;
  }

  boolean exists() {
    return data != null;
  }

  /** Whether the copy is of a life that has ended before that one began. */
  boolean isBefore(long otherIncarnation) {
    return data != null && incarnation < otherIncarnation;
  }

  /** Whether the copy includes that version of that life, its end, or something later. */
  boolean reaches(long otherIncarnation, int otherVersion) {
    return incarnation > otherIncarnation
        || (incarnation == otherIncarnation && (version >= otherVersion || data == null));
  }

  /**
   * As {@link #reaches}, but a record that is known to be missing reaches no version of any life.
   */
  boolean reachesLife(long otherIncarnation, int otherVersion) {
    return reaches(otherIncarnation, otherVersion)
        && (data != null || otherVersion == RecordSnapshot.MISSING);
  }

  /** Takes the owner's state as it is. */
  void reset(RecordSnapshot snapshot) {
    forget();
    incarnation = snapshot.incarnation();
    version = snapshot.version();
    if (snapshot.exists()) {
      data = container(snapshot.data());
      text = snapshot.data();
    } else {
      data = null;
      text = null;
    }
  }

  /** Takes a change, if it is the next one. */
  Step take(RecordChange change) {
    if (change.incarnation() < incarnation) {
      return Step.OLD;
    }
    boolean sameLife = change.incarnation() == incarnation;
    if (sameLife && isBehind(change)) {
      return Step.OLD;
    }
    return switch (change.body()) {
      case RecordChange.Whole whole -> {
        // A full state may jump ahead: it leaves nothing out.
        reset(new RecordSnapshot(change.incarnation(), change.version(), whole.data()));
        yield Step.TAKEN;
      }
      case RecordChange.Deleted() -> {
        reset(RecordSnapshot.missing(change.incarnation()));
        yield Step.TAKEN;
      }
      case RecordChange.Paths paths -> {
        if (!sameLife || change.version() != version + 1) {
          yield Step.GAP;
        }
        yield write(paths, change.version());
      }
    };
  }

  private boolean isBehind(RecordChange change) {
    if (data == null) {
      // This life is over; a change of it was only late.
      return true;
    }
    return change.body() instanceof RecordChange.Deleted
        ? change.version() < version
        : change.version() <= version;
  }

  private Step write(RecordChange.Paths paths, int newVersion) {
    forget();
    text = null;
    ContainerNode<?> tree = data;
    for (RecordChange.At at : paths.writes()) {
      JsonPath path = JsonPath.parse(at.path()).orElse(null);
      JsonText valueText = at.value();
      JsonNode value = valueText == null ? null : Json.parse(valueText).orElse(null);
      if (tree == null
          || path == null
          || !(JsonPatch.apply(tree, path, value) instanceof JsonPatch.Result.Applied)) {
        // The owner could, so this copy isn't what the owner has.
        return Step.GAP;
      }
    }
    version = newVersion;
    return Step.TAKEN;
  }

  /** The data as text; {@code {}} when there is no record. */
  JsonText text() {
    ContainerNode<?> tree = data;
    if (tree == null) {
      return JsonText.EMPTY_OBJECT;
    }
    JsonText known = text;
    if (known == null) {
      known = Json.text(tree);
      text = known;
    }
    return known;
  }

  /** A READ_RESPONSE with the current state. Valid until the next change; retain it to keep it. */
  SharedMessage readResponse(MessageEncoder encoder) {
    SharedMessage message = readResponse;
    if (message == null) {
      message = encoder.share(new RecordPush.ReadResponse(name, version, text()));
      readResponse = message;
    }
    return message;
  }

  /** An UPDATE with the current state. Valid until the next change; retain it to keep it. */
  SharedMessage update(MessageEncoder encoder) {
    SharedMessage message = update;
    if (message == null) {
      message = encoder.share(new RecordPush.Update(name, version, text()));
      update = message;
    }
    return message;
  }

  /** Lets go of the frames; also to be called when the record is no longer followed. */
  void forget() {
    if (readResponse != null) {
      readResponse.release();
      readResponse = null;
    }
    if (update != null) {
      update.release();
      update = null;
    }
  }

  private static ContainerNode<?> container(JsonText text) {
    return Json.parse(text)
        .<ContainerNode<?>>map(node -> node instanceof ContainerNode<?> tree ? tree : null)
        .orElseGet(JsonNodeFactory.instance::objectNode);
  }
}

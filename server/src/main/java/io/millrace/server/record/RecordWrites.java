package io.millrace.server.record;

import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonPatch;
import io.millrace.protocol.value.JsonSize;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecordChange.At;
import io.millrace.server.record.RecordCommand.ApplyDelta;
import io.millrace.server.record.RecordCommand.Create;
import io.millrace.server.record.RecordCommand.Remove;
import io.millrace.server.record.RecordCommand.Replace;
import io.millrace.server.record.RecordCommand.ReplaceHot;
import io.millrace.server.record.RecordCommand.WritePaths;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a write means (protocol §3.4): given a record's cell and a command, changes the cell and
 * says what came of it. A pure function but for the cell: no clock, no grid, no I/O. So the same
 * command on the same cell does the same on the owner and on the backup.
 *
 * <p>A command either takes place as a whole or leaves the cell as it was.
 */
public final class RecordWrites {

  /**
   * How many times too large a record may be between two paths of one write: a later path may
   * remove what an earlier one has added. Without an end of it, the paths of one message of 1 MiB,
   * each to the far end of an array, would fill gigabytes before the result is measured.
   */
  static final long MAX_EXCESS = 2;

  private final long maxSize;

  /**
   * @param maxSize the most that a record's JSON text may measure, in UTF-16 units
   */
  public RecordWrites(long maxSize) {
    this.maxSize = maxSize;
  }

  /**
   * @param change what followers must be told, null if there is nothing to tell
   */
  public record Decision(WriteOutcome outcome, @Nullable RecordChange change) {
    static Decision of(WriteOutcome outcome) {
      return new Decision(outcome, null);
    }
  }

  /**
   * Carries out the command.
   *
   * @param newIncarnation the incarnation if the record is created now; the same on owner and
   *     backup
   * @param writer who wrote, to be named in the change
   */
  public Decision decide(
      RecordName name,
      RecordCell cell,
      RecordCommand command,
      long newIncarnation,
      @Nullable Writer writer) {
    return new Attempt(name, cell, newIncarnation, writer).decide(command);
  }

  /**
   * As {@link #decide}, for a command that may have been carried out already, by this owner or by
   * the one before.
   *
   * @param writeId the same as the first time; a delta needs none, the record knows its position
   */
  public Decision decideAgain(
      RecordName name,
      RecordCell cell,
      RecordCommand command,
      long newIncarnation,
      long writeId,
      @Nullable Writer writer) {
    if (command instanceof ApplyDelta || writeId == RecentWrites.NO_ID) {
      return decide(name, cell, command, newIncarnation, writer);
    }
    if (cell.recentWrites().contains(writeId)) {
      return Decision.of(new WriteOutcome.Applied(cell.incarnation(), cell.version()));
    }
    boolean mayBeForgotten = cell.mayHaveForgottenWrites();
    boolean isDone = command instanceof Remove && !cell.exists();
    if (mayBeForgotten && !isDone && !isNext(command, cell)) {
      return Decision.of(new WriteOutcome.Unknown());
    }
    return decide(name, cell, command, newIncarnation, writer);
  }

  /** Whether the command makes a version that nobody has made. */
  private static boolean isNext(RecordCommand command, RecordCell cell) {
    return expected(command) > cell.version();
  }

  private static int expected(RecordCommand command) {
    return switch (command) {
      case Replace replace -> replace.expected();
      case WritePaths paths -> paths.expected();
      case Create create -> RecordCommand.ANY_VERSION;
      case ReplaceHot hot -> RecordCommand.ANY_VERSION;
      case Remove remove -> RecordCommand.ANY_VERSION;
      case ApplyDelta delta -> RecordCommand.ANY_VERSION;
    };
  }

  private final class Attempt {
    private final RecordName name;
    private final RecordCell cell;
    private final long newIncarnation;
    private final @Nullable Writer writer;

    Attempt(RecordName name, RecordCell cell, long newIncarnation, @Nullable Writer writer) {
      this.name = name;
      this.cell = cell;
      this.newIncarnation = newIncarnation;
      this.writer = writer;
    }

    Decision decide(RecordCommand command) {
      if (isBasedOnWhatWasLost(command)) {
        return movedOn();
      }
      return switch (command) {
        case Create() -> create();
        case Replace replace -> replace(replace);
        case WritePaths paths -> writePaths(paths);
        case ReplaceHot hot -> replaceHot(hot);
        case Remove() -> remove();
        case ApplyDelta delta -> applyDelta(delta);
      };
    }

    /** Whether the writer has seen versions that only a lost owner had. */
    private boolean isBasedOnWhatWasLost(RecordCommand command) {
      int expected = expected(command);
      return cell.exists()
          && cell.isBehind()
          && expected > cell.version() + 1
          && expected <= cell.ownership().floor() + 1;
    }

    /** The writer, and whoever else saw them, must be told what there is instead. */
    private Decision movedOn() {
      RecordChange change = cell.movePast(name, cell.incarnation(), cell.version());
      RecordSnapshot now = cell.snapshot();
      return new Decision(
          new WriteOutcome.Conflict(now.incarnation(), now.version(), now.data(), false), change);
    }

    private Decision create() {
      if (cell.exists()) {
        return Decision.of(new WriteOutcome.Applied(cell.incarnation(), cell.version()));
      }
      cell.create(newIncarnation, JsonNodeFactory.instance.objectNode());
      return applied(new RecordChange.Whole(JsonText.EMPTY_OBJECT));
    }

    private Decision replace(Replace command) {
      Optional<WriteOutcome> refusal = refusal(command.expected(), command.upsert());
      if (refusal.isPresent()) {
        return Decision.of(refusal.get());
      }
      // Of the tree, not of the client's text with its blanks: a copy of the cell measures the
      // same.
      long size = JsonSize.of(command.data());
      if (size > maxSize) {
        return Decision.of(tooLarge(size));
      }
      ensureExists();
      boolean jumps = cell.isBehind();
      cell.advance(command.data(), size);
      return applied(new RecordChange.Whole(command.text()), jumps);
    }

    private Decision writePaths(WritePaths command) {
      Optional<WriteOutcome> refusal = refusal(command.expected(), command.upsert());
      if (refusal.isPresent()) {
        return Decision.of(refusal.get());
      }
      ContainerNode<?> data = cell.data();
      ContainerNode<?> tree = data == null ? JsonNodeFactory.instance.objectNode() : data;
      long size = data == null ? 2 : cell.size();
      Deque<JsonPatch.Undo> undo = new ArrayDeque<>(command.writes().size());
      for (PathWrite write : command.writes()) {
        switch (JsonPatch.apply(tree, write.path(), write.value())) {
          case JsonPatch.Result.Applied applied -> {
            undo.push(applied.undo());
            size += applied.growth();
            if (size > MAX_EXCESS * maxSize) {
              undo.forEach(JsonPatch.Undo::run);
              return Decision.of(tooLarge(size));
            }
          }
          case JsonPatch.Result.Refused refused -> {
            undo.forEach(JsonPatch.Undo::run);
            return Decision.of(new WriteOutcome.Invalid(refused.reason()));
          }
        }
      }
      if (size > maxSize) {
        undo.forEach(JsonPatch.Undo::run);
        return Decision.of(tooLarge(size));
      }
      List<At> writes =
          command.writes().stream().map(w -> new At(w.path().text(), w.text())).toList();
      return advance(tree, size, Optional.of(writes));
    }

    private Decision replaceHot(ReplaceHot command) {
      long size = JsonSize.of(command.data());
      if (size > maxSize) {
        return Decision.of(tooLarge(size));
      }
      // The version stays 0, so that it is newer shows in the incarnation: to storage, which keeps
      // the newest, and to followers.
      cell.create(newIncarnation, command.data());
      RecordChange.Whole whole = new RecordChange.Whole(command.text());
      return new Decision(
          new WriteOutcome.Applied(cell.incarnation(), 0),
          new RecordChange(name, cell.incarnation(), 0, whole, true, writer));
    }

    private Decision remove() {
      if (!cell.exists()) {
        return Decision.of(new WriteOutcome.Applied(cell.incarnation(), cell.version()));
      }
      cell.remove();
      return applied(new RecordChange.Deleted());
    }

    private Decision applyDelta(ApplyDelta command) {
      if (cell.hasSeen(command.position())) {
        return Decision.of(new WriteOutcome.AlreadyApplied());
      }
      if (command.after() != Delta.NONE
          && !cell.hasSeen(new LogPosition(command.position().partition(), command.after()))) {
        return Decision.of(new WriteOutcome.TooEarly());
      }
      Decision decision = applyDelta(command.operation());
      if (decision.outcome() instanceof WriteOutcome.Applied) {
        // Also when nothing changed: a replay after later changes would no longer change nothing.
        cell.seen(command.position());
      }
      return decision;
    }

    private Decision applyDelta(DeltaOperation operation) {
      return switch (operation) {
        case DeltaOperation.Sequence sequence -> edit(sequence);
        case DeltaOperation.JsonPatch patch -> edit(patch);
        case DeltaOperation.Set set -> applyStep(set);
        case DeltaOperation.Patch patch -> applyStep(patch);
        case DeltaOperation.Merge merge -> applyStep(merge);
        case DeltaOperation.MergeAt merge -> applyStep(merge);
        case DeltaOperation.Erase erase -> applyStep(erase);
        case DeltaOperation.Delete delete -> applyStep(delete);
      };
    }

    private Decision applyStep(DeltaOperation operation) {
      return DeltaEffects.of(operation, cell).map(this::decide).orElseGet(this::unchanged);
    }

    private Decision unchanged() {
      return Decision.of(new WriteOutcome.Applied(cell.incarnation(), cell.version()));
    }

    private Decision edit(DeltaOperation operation) {
      RecordDraft draft = new RecordDraft(cell.data(), cell.size(), maxSize);
      Optional<String> refusal = draft.apply(operation);
      if (refusal.isPresent()) {
        draft.undo();
        return Decision.of(new WriteOutcome.Invalid(refusal.get()));
      }
      ContainerNode<?> tree = draft.data();
      if (tree == null) {
        return remove();
      }
      if (!draft.isChanged()) {
        return unchanged();
      }
      if (draft.size() > maxSize) {
        draft.undo();
        return Decision.of(tooLarge(draft.size()));
      }
      Optional<List<At>> writes = draft.writes();
      return advance(tree, draft.size(), writes);
    }

    /**
     * @param writes what followers may apply instead of taking the whole tree; empty: nothing
     */
    private Decision advance(ContainerNode<?> tree, long size, Optional<List<At>> writes) {
      boolean isNew = !cell.exists();
      ensureExists();
      boolean jumps = cell.isBehind();
      cell.advance(tree, size);
      if (isNew || jumps || writes.isEmpty()) {
        // Who follows the missing record has nothing to apply a path to, nor has who follows what
        // a lost owner published the right thing.
        return applied(new RecordChange.Whole(Json.text(tree)), jumps);
      }
      return applied(new RecordChange.Paths(writes.get()));
    }

    private Optional<WriteOutcome> refusal(int expected, boolean upsert) {
      if (!cell.exists() && !upsert) {
        return Optional.of(new WriteOutcome.Missing());
      }
      int current = cell.exists() ? cell.version() : 0;
      if (expected == RecordCommand.ANY_VERSION || expected == current + 1) {
        return Optional.empty();
      }
      RecordSnapshot now = cell.snapshot();
      return Optional.of(
          new WriteOutcome.Conflict(
              now.incarnation(), current, now.data(), expected > current + 1));
    }

    private void ensureExists() {
      if (!cell.exists()) {
        cell.create(newIncarnation, JsonNodeFactory.instance.objectNode());
      }
    }

    private Decision applied(RecordChange.Body body) {
      return applied(body, false);
    }

    /**
     * @param jumps whether versions were left out, so that the writer has to be told, too: it
     *     believes in the next one
     */
    private Decision applied(RecordChange.Body body, boolean jumps) {
      return new Decision(
          new WriteOutcome.Applied(cell.incarnation(), cell.version()),
          new RecordChange(
              name, cell.incarnation(), cell.version(), body, false, jumps ? null : writer));
    }

    private WriteOutcome tooLarge(long size) {
      return new WriteOutcome.Invalid(
          "the record would measure " + size + " characters, allowed are " + maxSize);
    }
  }
}

package io.millrace.server.mapping;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** What a message stands for. */
public sealed interface Mapped {

  /**
   * Changes, at most one for each record, in the order in which the message has them. None if the
   * message is about nothing: a filter leaves it out, it is a schema change, or we wrote it.
   */
  record Changes(List<MappedChange> changes) implements Mapped {
    public Changes {
      changes = List.copyOf(changes);
    }
  }

  /** It can never be applied; the reason is for people. */
  record Refused(String reason) implements Mapped {}

  /**
   * What is needed to read it cannot be had now: to be mapped again after the stage has ended,
   * however it ends.
   */
  record Unavailable(String reason, CompletionStage<?> until) implements Mapped {}
}

package io.millrace.server.permission;

import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Port: what records hold, for rules that look at them. Thread-safe. */
public interface RecordReader {

  /**
   * The data as the record's owner has it, after everything that this node has asked of that record
   * before; empty if there is no such record. Completes on any thread; fails if it cannot be read.
   */
  CompletionStage<Optional<JsonText>> read(RecordName name);
}

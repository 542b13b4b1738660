package io.millrace.server.format;

import java.util.concurrent.CompletionStage;

/** Where schemas come from. Never blocks. Thread-safe. */
interface SchemaSource {

  /** What is known of a schema now. */
  sealed interface Lookup {
    record Known(ParsedSchema schema) implements Lookup {}

    /** There is none, or none that can be read. */
    record None(String reason) implements Lookup {}

    /** Look again after the stage has ended, however it ends. */
    record Pending(String reason, CompletionStage<?> until) implements Lookup {}
  }

  Lookup find(int id);
}

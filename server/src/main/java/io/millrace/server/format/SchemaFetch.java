package io.millrace.server.format;

/** Port: asks a registry. Blocks, within the registry's request timeout. Thread-safe. */
interface SchemaFetch extends AutoCloseable {

  /** What asking came to. */
  sealed interface Answer {
    record Found(RegisteredSchema schema) implements Answer {}

    /** The registry says that there is none, or that one of its references is missing. */
    record Unknown() implements Answer {}

    /** There is one that we do not take; the reason begins with a verb. */
    record Unusable(String reason) implements Answer {}

    /** It cannot be asked; the reason has no secrets. */
    record Failed(String reason) implements Answer {}
  }

  Answer fetch(int id) throws InterruptedException;

  @Override
  void close();
}

package io.millrace.server.kafka;

/** What changelogs count. Called from their threads; must not block or throw. */
public interface ChangelogMetrics {
  ChangelogMetrics NONE = new ChangelogMetrics() {};

  /** Messages are in the broker. */
  default void sent(String changelog, int messages) {}

  /** Records are to be sent again, because nobody knows what became of their messages. */
  default void failed(String changelog, int records) {}

  /** The broker does not take a message of that size; it is not sent. */
  default void tooLarge(String changelog) {}
}

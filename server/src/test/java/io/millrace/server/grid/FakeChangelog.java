package io.millrace.server.grid;

import io.millrace.protocol.value.JsonText;
import io.millrace.server.record.Changelog;
import io.millrace.server.record.RecordChange;
import io.millrace.server.record.StoredRecord;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One node's way to a topic in memory that nodes share; it can be held up and broken. */
final class FakeChangelog extends Holdable implements Changelog {

  /** What stands in the topic: versions of one record, and data if it is a state. */
  record Message(
      String name, long incarnation, int version, boolean isState, @Nullable JsonText data) {}

  /** The topic. */
  static final class Topic {
    private final List<Message> messages = new ArrayList<>();

    synchronized List<Message> messages() {
      return List.copyOf(messages);
    }

    List<Message> of(String name) {
      return messages().stream().filter(message -> message.name().equals(name)).toList();
    }

    private synchronized void add(Message message) {
      messages.add(message);
    }
  }

  private final Topic topic;
  private final boolean tellsChanges;
  private final Predicate<String> scope;

  FakeChangelog(Topic topic, boolean tellsChanges, Predicate<String> scope) {
    this.topic = topic;
    this.tellsChanges = tellsChanges;
    this.scope = scope;
  }

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public boolean contains(String record) {
    return scope.test(record);
  }

  @Override
  public boolean tellsChanges() {
    return tellsChanges;
  }

  @Override
  public synchronized Told tell(List<Entry> entries) {
    try {
      if (!begin()) {
        Set<String> names = new HashSet<>();
        entries.forEach(entry -> names.add(entry.state().name().value()));
        return new Told(names, new IllegalStateException("broken"));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
    entries.forEach(this::tell);
    return new Told(Set.of(), null);
  }

  private void tell(Entry entry) {
    StoredRecord state = entry.state();
    String name = state.name().value();
    List<RecordChange> changes = entry.changes();
    if (changes == null) {
      topic.add(new Message(name, state.incarnation(), state.version(), true, state.data()));
      return;
    }
    for (RecordChange change : changes) {
      topic.add(new Message(name, change.incarnation(), change.version(), false, null));
    }
  }
}

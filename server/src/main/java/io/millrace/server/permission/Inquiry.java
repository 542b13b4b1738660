package io.millrace.server.permission;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.value.RecordName;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Whether one thing may be done with one name. For one thread at a time. */
interface Inquiry {

  /** Goes on as far as possible with what is loaded. */
  RuleOutcome run();

  /** Answers {@link RuleOutcome.Needs}; the tree belongs to this inquiry from now on. */
  void loaded(RecordName name, Optional<JsonNode> data);

  /** All of them have to grant, asked one after the other. */
  static Inquiry allOf(Inquiry... inquiries) {
    return new AllOf(List.of(inquiries));
  }

  /** See {@link #allOf}. */
  final class AllOf implements Inquiry {
    private final List<Inquiry> inquiries;
    private int current;

    private AllOf(List<Inquiry> inquiries) {
      this.inquiries = inquiries;
    }

    @Override
    public RuleOutcome run() {
      while (true) {
        RuleOutcome outcome = inquiries.get(current).run();
        if (!(outcome instanceof RuleOutcome.Granted) || current == inquiries.size() - 1) {
          return outcome;
        }
        current++;
      }
    }

    @Override
    public void loaded(RecordName name, Optional<JsonNode> data) {
      inquiries.get(current).loaded(name, data);
    }
  }

  /**
   * SUBSCRIBECREATEANDREAD (protocol §3.2): of an existing record the read rule decides; a missing
   * one has to be allowed to be created, and then to be read, which is then an empty record.
   * Whether it exists is only looked up if the answer depends on it.
   */
  final class CreateAndRead implements Inquiry {
    private final RecordName name;
    private final Supplier<Inquiry> create;
    private final Supplier<Inquiry> read;
    private final JsonNode created;
    private @Nullable Inquiry current;

    CreateAndRead(
        RecordName name, Supplier<Inquiry> create, Supplier<Inquiry> read, JsonNode created) {
      this.name = name;
      this.create = create;
      this.read = read;
      this.created = created;
    }

    @Override
    public RuleOutcome run() {
      if (current != null) {
        return current.run();
      }
      RuleOutcome readable = read.get().run();
      boolean depends =
          readable instanceof RuleOutcome.Needs
              || (readable instanceof RuleOutcome.Granted
                  && !(create.get().run() instanceof RuleOutcome.Granted));
      return depends ? new RuleOutcome.Needs(Set.of(name)) : readable;
    }

    @Override
    public void loaded(RecordName loadedName, Optional<JsonNode> data) {
      if (current != null) {
        current.loaded(loadedName, data);
        return;
      }
      Inquiry reading = read.get();
      reading.loaded(name, Optional.of(data.orElse(created)));
      current = data.isPresent() ? reading : allOf(create.get(), reading);
    }
  }
}

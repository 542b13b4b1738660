package io.millrace.server.permission;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.value.JsonPath;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the variable {@code data} comes from. */
sealed interface RuleData {

  /** There is none: undefined. */
  record Absent() implements RuleData {
    static final Absent INSTANCE = new Absent();
  }

  /** The request brings something that is no JSON, or that cannot be meant. */
  record Unreadable() implements RuleData {
    static final Unreadable INSTANCE = new Unreadable();
  }

  /** What the request brings. */
  record Given(JsonNode value) implements RuleData {}

  /**
   * What the record will be after the request.
   *
   * @param orNew whether a missing record counts as empty; else the rule fails
   */
  record Patched(List<Change> changes, boolean orNew) implements RuleData {
    public Patched {
      changes = List.copyOf(changes);
    }
  }

  /**
   * One path write.
   *
   * @param value null to remove what is there
   */
  record Change(JsonPath path, @Nullable JsonNode value) {}
}

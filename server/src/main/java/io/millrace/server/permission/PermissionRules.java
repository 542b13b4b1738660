package io.millrace.server.permission;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rules of one permission file, in the order in which they are tried. Immutable, from any
 * thread.
 */
final class PermissionRules {
  private final RuleEngine engine;
  private final Map<RuleType, List<Entry>> byType = new EnumMap<>(RuleType.class);

  /** One rule of the file with the path that it stands under. */
  record Entry(PathPattern path, RuleType type, Rule rule) {}

  /**
   * The rule that is to be asked.
   *
   * @param path under which it stands in the file
   */
  record Found(Rule rule, Map<String, String> variables, String path) {}

  /**
   * @param entries in the order of the file
   */
  PermissionRules(RuleEngine engine, List<Entry> entries) {
    this.engine = engine;
    for (RuleType type : RuleType.values()) {
      List<Entry> all = new ArrayList<>(entries.stream().filter(e -> e.type() == type).toList());
      // Of two paths of one length, the later one wins; the sort keeps the order of equals.
      Collections.reverse(all);
      all.sort(Comparator.comparingInt((Entry each) -> each.path().text().length()).reversed());
      byType.put(type, List.copyOf(all));
    }
  }

  RuleEngine engine() {
    return engine;
  }

  /**
   * Of the paths that define this type of rule and match the name, the longest one's rule.
   *
   * @param name null when the request names nothing: only paths of {@code *} match
   */
  Optional<Found> find(RuleType type, @Nullable String name) {
    for (Entry entry : byType.getOrDefault(type, List.of())) {
      Optional<Map<String, String>> variables = entry.path().match(name == null ? "" : name);
      if (variables.isPresent()) {
        return Optional.of(new Found(entry.rule(), variables.get(), entry.path().text()));
      }
    }
    return Optional.empty();
  }
}

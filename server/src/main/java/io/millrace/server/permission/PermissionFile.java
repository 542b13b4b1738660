package io.millrace.server.permission;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.millrace.server.config.ConfigFault;
import io.millrace.server.permission.PermissionRules.Entry;
import io.millrace.server.permission.RuleSyntax.NotAllowed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the text of a permission file: section, path, rule type, rule (protocol §8.1), as YAML and
 * so as JSON, too. Goes on after a fault, so that one reading finds them all. For one thread.
 */
final class PermissionFile {
  private static final YAMLFactory YAML =
      YAMLFactory.builder().disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION).build();

  private static final String EVERYTHING = "*";

  private final RuleEngine engine;
  private final String file;
  private final YAMLParser parser;
  private final List<ConfigFault> faults = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final List<Entry> entries = new ArrayList<>();

  private PermissionFile(RuleEngine engine, String file, YAMLParser parser) {
    this.engine = engine;
    this.file = file;
    this.parser = parser;
  }

  /** What came of reading a file. */
  sealed interface Result {

    /**
     * All of it is good.
     *
     * @param warnings what is allowed and yet can hardly be meant
     */
    record Loaded(PermissionRules rules, List<String> warnings) implements Result {
      public Loaded {
        warnings = List.copyOf(warnings);
      }
    }

    /** All that is wrong; never empty. */
    record Faulty(List<ConfigFault> faults) implements Result {
      public Faulty {
        faults = List.copyOf(faults);
      }
    }
  }

  /**
   * @param file its name, for messages
   */
  static Result read(RuleEngine engine, String file, String text) {
    try (YAMLParser parser = YAML.createParser(text)) {
      var reading = new PermissionFile(engine, file, parser);
      try {
        reading.document();
      } catch (JsonProcessingException e) {
        int line = e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getLineNr());
        String problem = e.getOriginalMessage().lines().findFirst().orElse("");
        reading.faults.add(new ConfigFault(file, line, null, "is not YAML: " + problem));
      }
      return reading.faults.isEmpty()
          ? new Result.Loaded(new PermissionRules(engine, reading.entries), reading.warnings)
          : new Result.Faulty(reading.faults);
    } catch (IOException e) {
      throw new UncheckedIOException("reading a string cannot fail", e);
    }
  }

  private void document() throws IOException {
    JsonToken first = parser.nextToken();
    Set<Section> seen = EnumSet.noneOf(Section.class);
    if (first == JsonToken.START_OBJECT) {
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        section(seen);
      }
      if (parser.nextToken() != null) {
        fault("", "holds more than one document; only one is allowed");
      }
    } else if (first != null && first != JsonToken.VALUE_NULL) {
      fault("", "must hold the sections " + keys(Section.values()));
      parser.skipChildren();
    }
    for (Section section : Section.values()) {
      if (!seen.contains(section)) {
        faults.add(
            new ConfigFault(
                file,
                0,
                section.key(),
                "is missing; each of " + keys(Section.values()) + " must be there"));
      }
    }
  }

  private void section(Set<Section> seen) throws IOException {
    String key = parser.currentName();
    Section section = Section.of(key).orElse(null);
    int line = line();
    if (section == null) {
      fault(key, "is no section; allowed are " + keys(Section.values()));
      skipValue();
      return;
    }
    if (!seen.add(section)) {
      fault(key, "is given twice");
    }
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      fault(key, "must hold paths with their rules");
      parser.skipChildren();
      return;
    }
    Set<String> paths = new HashSet<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      path(section, paths);
    }
    if (!paths.contains(EVERYTHING)) {
      faults.add(
          new ConfigFault(
              file,
              line,
              key,
              (paths.isEmpty() ? "is empty" : "has no path \"*\"")
                  + "; it needs at least rules for everything, under \"*\""));
    }
  }

  private void path(Section section, Set<String> seen) throws IOException {
    String path = parser.currentName();
    String key = section.key() + " " + quoted(path);
    String problem = PathPattern.problem(path);
    if (problem != null) {
      fault(key, problem);
    }
    if (!seen.add(path)) {
      fault(key, "is given twice");
    }
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      fault(key, "must hold rules; allowed are " + keys(section));
      parser.skipChildren();
      return;
    }
    PathPattern pattern = problem == null ? PathPattern.of(path) : null;
    Set<String> types = new HashSet<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      rule(section, key, pattern, types);
    }
  }

  private void rule(Section section, String path, @Nullable PathPattern pattern, Set<String> seen)
      throws IOException {
    String name = parser.currentName();
    String key = path + " " + name;
    RuleType type = RuleType.of(section, name).orElse(null);
    if (type == null) {
      fault(key, "is no rule type; allowed are " + keys(section));
      skipValue();
      return;
    }
    if (!seen.add(name)) {
      fault(key, "is given twice");
    }
    JsonToken token = parser.nextToken();
    String text =
        switch (token) {
          case VALUE_TRUE, VALUE_FALSE, VALUE_STRING -> parser.getText();
          default -> null;
        };
    if (text == null || parser.isCurrentAlias()) {
      fault(key, "must be true, false or text with a JavaScript expression");
      parser.skipChildren();
      return;
    }
    try {
      RuleEngine.Compiled compiled = engine.compile(type, text);
      for (String unknown : compiled.unknownNames()) {
        warnings.add(
            new ConfigFault(file, line(), key, "uses " + unknown + ", which is no variable")
                .toString());
      }
      if (pattern != null) {
        entries.add(new Entry(pattern, type, compiled.rule()));
      }
    } catch (NotAllowed e) {
      fault(key, e.problem());
    }
  }

  private void skipValue() throws IOException {
    parser.nextToken();
    parser.skipChildren();
  }

  private void fault(String key, String problem) {
    faults.add(new ConfigFault(file, line(), key.isEmpty() ? null : key, problem));
  }

  private int line() {
    return Math.max(0, parser.currentTokenLocation().getLineNr());
  }

  private static String quoted(String path) {
    return '"' + path + '"';
  }

  private static String keys(Section[] sections) {
    return Arrays.stream(sections).map(Section::key).collect(Collectors.joining(", "));
  }

  private static String keys(Section section) {
    return section.ruleTypes().stream().map(RuleType::key).collect(Collectors.joining(", "));
  }
}

package io.millrace.server.config;

import io.millrace.server.config.ConfigNode.Mapping;
import io.millrace.server.config.ConfigNode.Scalar;
import io.millrace.server.config.ConfigNode.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Puts environment variables where values say {@code ${NAME}} or {@code ${NAME:default}}. */
final class Environment {
  private static final Pattern PLACEHOLDER =
      Pattern.compile(
          "(?<escaped>\\$\\$\\{)|\\$\\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::(?<default>[^}]*))?}"
              + "|(?<broken>\\$\\{)");

  private final Map<String, String> variables;
  private final Faults faults;

  Environment(Map<String, String> variables, Faults faults) {
    this.variables = variables;
    this.faults = faults;
  }

  Mapping fill(Mapping root) {
    return mapping(root, "");
  }

  private ConfigNode node(ConfigNode node, String key) {
    return switch (node) {
      case Scalar scalar -> new Scalar(scalar.line(), text(scalar, key));
      case Sequence sequence -> {
        var items = new ArrayList<ConfigNode>();
        for (ConfigNode item : sequence.items()) {
          items.add(node(item, Keys.item(key, items.size())));
        }
        yield new Sequence(sequence.line(), items);
      }
      case Mapping mapping -> mapping(mapping, key);
    };
  }

  private Mapping mapping(Mapping mapping, String key) {
    var entries = new LinkedHashMap<String, ConfigNode>();
    mapping
        .entries()
        .forEach((name, value) -> entries.put(name, node(value, Keys.child(key, name))));
    return new Mapping(mapping.line(), entries);
  }

  private String text(Scalar scalar, String key) {
    var filled = new StringBuilder();
    Matcher matcher = PLACEHOLDER.matcher(scalar.text());
    while (matcher.find()) {
      matcher.appendReplacement(
          filled, Matcher.quoteReplacement(replacement(matcher, scalar.line(), key)));
    }
    return matcher.appendTail(filled).toString();
  }

  private String replacement(Matcher matcher, int line, String key) {
    if (matcher.group("escaped") != null) {
      return "${";
    }
    String name = matcher.group("name");
    if (name == null) {
      faults.add(
          line, key, "has a ${ without a variable; write ${NAME}, ${NAME:default}, or $${ for ${");
      return "";
    }
    String value = variables.get(name);
    if (value != null) {
      return value;
    }
    String fallback = matcher.group("default");
    if (fallback == null) {
      faults.add(
          line,
          key,
          "environment variable %s is not set; set it or write ${%s:default}"
              .formatted(name, name));
      return "";
    }
    return fallback;
  }
}

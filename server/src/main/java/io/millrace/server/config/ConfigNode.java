package io.millrace.server.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A piece of a YAML file with the line that it stands on, so that a fault can point there. Scalars
 * are kept as text: what type a value has is said by the record it goes into, not by its looks.
 */
sealed interface ConfigNode {

  /** The line in the user's file, from 1; 0 for what comes from the defaults. */
  int line();

  /** A key without a value, or with the value "": it keeps its default. */
  default boolean isEmpty() {
    return this instanceof Scalar scalar && scalar.text.isBlank();
  }

  /** The same node as if it came from the defaults. */
  ConfigNode withoutLines();

  record Scalar(int line, String text) implements ConfigNode {
    @Override
    public Scalar withoutLines() {
      return new Scalar(0, text);
    }
  }

  record Sequence(int line, List<ConfigNode> items) implements ConfigNode {
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public Sequence withoutLines() {
      return new Sequence(0, items.stream().map(ConfigNode::withoutLines).toList());
    }
  }

  record Mapping(int line, Map<String, ConfigNode> entries) implements ConfigNode {
    static final Mapping EMPTY = new Mapping(0, Map.of());

    public Mapping {
      // Not Map.copyOf: faults are reported in the order of the file.
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }

    /** This mapping with another laid over it: mappings are merged, everything else is replaced. */
    Mapping overlaidBy(Mapping other) {
      var merged = new LinkedHashMap<>(entries);
      other.entries.forEach((key, node) -> merged.merge(key, node, Mapping::overlay));
      return new Mapping(other.line, merged);
    }

    private static ConfigNode overlay(ConfigNode below, ConfigNode above) {
      if (above.isEmpty()) {
        return below;
      }
      if (below instanceof Mapping lower && above instanceof Mapping upper) {
        return lower.overlaidBy(upper);
      }
      return above;
    }

    @Override
    public Mapping withoutLines() {
      var bare = new LinkedHashMap<String, ConfigNode>();
      entries.forEach((key, node) -> bare.put(key, node.withoutLines()));
      return new Mapping(0, bare);
    }

    /** The line of a dotted path below this mapping, as deep as the path leads. */
    int lineOf(String path) {
      ConfigNode node = this;
      for (String name : path.split("\\.", -1)) {
        if (!(node instanceof Mapping mapping) || !mapping.entries.containsKey(name)) {
          break;
        }
        node = mapping.entries.getOrDefault(name, EMPTY);
      }
      return node == this ? 0 : node.line();
    }
  }
}

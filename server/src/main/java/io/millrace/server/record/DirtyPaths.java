package io.millrace.server.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonPath;
import io.millrace.server.record.RecordChange.At;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a tree was changed, to be told as the fewest writes that lead from the old tree to the new
 * one: what is at those places now, however often it has changed. A place below one that is marked
 * is marked with it.
 */
final class DirtyPaths {
  private static final String INDEX = "0|[1-9][0-9]{0,8}";

  private final Node root = new Node();

  private static final class Node {
    boolean marked;
    final Map<String, Node> children = new LinkedHashMap<>();
  }

  boolean isEmpty() {
    return !root.marked && root.children.isEmpty();
  }

  /** Names of members, and indexes as decimals; none: everything. */
  void mark(List<String> place) {
    Node node = root;
    for (String name : place) {
      if (node.marked) {
        return;
      }
      node = node.children.computeIfAbsent(name, n -> new Node());
    }
    node.marked = true;
    node.children.clear();
  }

  /** The writes; empty if the whole tree says it shorter, or nothing else can. */
  Optional<List<At>> writes(ContainerNode<?> tree, long size) {
    Collector collector = new Collector(size);
    return collector.collect(root, tree, "", List.of())
        ? Optional.of(collector.writes)
        : Optional.empty();
  }

  private static final class Collector {
    private final List<At> writes = new ArrayList<>();
    private long left;

    Collector(long size) {
      left = size;
    }

    /**
     * @param value what is at {@code text} now, null if nothing is
     * @return whether all of it could be said
     */
    boolean collect(Node node, @Nullable JsonNode value, String text, List<JsonPath.Step> steps) {
      if (!node.marked && value instanceof ContainerNode<?> container) {
        int before = writes.size();
        long leftBefore = left;
        if (children(node, container, text, steps)) {
          return true;
        }
        // A name on the way down that no path can say: then what holds it, as a whole.
        writes.subList(before, writes.size()).clear();
        left = leftBefore;
      }
      return write(value, text, steps);
    }

    private boolean children(
        Node node, ContainerNode<?> container, String text, List<JsonPath.Step> steps) {
      for (Map.Entry<String, Node> child : node.children.entrySet()) {
        String name = child.getKey();
        if (container instanceof ArrayNode && !name.matches(INDEX)) {
          // An array has no such member: it was erased, which changes nothing.
          continue;
        }
        // As the containers are now, so that followers create the same ones.
        boolean isIndex = container instanceof ArrayNode && !steps.isEmpty();
        String childText =
            isIndex ? text + '[' + name + ']' : text.isEmpty() ? name : text + '.' + name;
        List<JsonPath.Step> childSteps = new ArrayList<>(steps);
        childSteps.add(
            isIndex ? new JsonPath.Index(Integer.parseInt(name)) : new JsonPath.Key(name));
        JsonNode value =
            container instanceof ArrayNode array
                ? array.get(Integer.parseInt(name))
                : container.get(name);
        if (!collect(child.getValue(), value, childText, childSteps)) {
          return false;
        }
      }
      return true;
    }

    private boolean write(@Nullable JsonNode value, String text, List<JsonPath.Step> steps) {
      if (JsonPath.parse(text).filter(path -> path.steps().equals(steps)).isEmpty()) {
        return false;
      }
      At at = new At(text, value == null ? null : Json.text(value));
      left -= text.length() + (at.value() == null ? 0 : at.value().text().length());
      writes.add(at);
      return left >= 0;
    }
  }
}

package io.millrace.server.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.List;
import java.util.Random;

/** Trees that are small and alike, so that changes meet what is there. */
final class RandomTrees {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final List<String> KEYS = List.of("a", "b", "c", "1", "ü \"x\"\n", "a.b");
  private static final List<String> PATHS =
      List.of("a", "b", "c", "1", "a.a", "a.b", "b[1]", "a[0].b", "b.a.c", "c[2]", "a.1", "b[12]");

  private static final List<String> PLACES = List.of("0", "1", "2", "-", "01", "x~1y~0z", "");
  private static final List<String> OPS =
      List.of("add", "add", "add", "remove", "replace", "move", "copy", "test");

  private final Random random;

  RandomTrees(Random random) {
    this.random = random;
  }

  ContainerNode<?> container(int depth) {
    return random.nextInt(5) == 0 ? array(depth) : object(depth);
  }

  JsonNode value(int depth) {
    return depth > 0 && random.nextInt(3) > 0 ? container(depth) : scalar();
  }

  private JsonNode scalar() {
    return switch (random.nextInt(7)) {
      case 0 -> NODES.nullNode();
      case 1 -> NODES.booleanNode(random.nextBoolean());
      case 2 -> NODES.textNode("ä\t" + random.nextInt(100));
      case 3 -> NODES.numberNode(new BigDecimal("-1.50"));
      case 4 -> NODES.numberNode(random.nextLong());
      default -> NODES.numberNode(random.nextInt(20));
    };
  }

  private ArrayNode array(int depth) {
    ArrayNode array = NODES.arrayNode();
    for (int i = random.nextInt(4); i > 0; i--) {
      array.add(value(depth - 1));
    }
    return array;
  }

  private ObjectNode object(int depth) {
    ObjectNode object = NODES.objectNode();
    for (int i = random.nextInt(4); i > 0; i--) {
      object.set(pick(KEYS), value(depth - 1));
    }
    return object;
  }

  /** A merge patch: mostly of one branch, with removals. */
  ObjectNode mergePatch(int depth) {
    ObjectNode patch = NODES.objectNode();
    for (int i = random.nextInt(3) == 0 ? random.nextInt(4) : 1; i > 0; i--) {
      patch.set(
          pick(KEYS),
          switch (random.nextInt(4)) {
            case 0 -> NODES.nullNode();
            case 1 -> depth > 0 ? array(depth - 1) : scalar();
            case 2 -> scalar();
            default -> depth > 0 ? mergePatch(depth - 1) : scalar();
          });
    }
    return patch;
  }

  /** A JSON Patch, mostly of few operations, because long ones hardly ever fit. */
  ArrayNode jsonPatch() {
    ArrayNode patch = NODES.arrayNode();
    for (int i = random.nextInt(2) == 0 ? 0 : random.nextInt(4); i >= 0; i--) {
      ObjectNode operation = patch.addObject();
      String op = pick(OPS);
      operation.put("op", op).put("path", pointer());
      if (op.equals("move") || op.equals("copy")) {
        operation.put("from", pointer());
      } else if (!op.equals("remove")) {
        operation.set("value", value(2));
      }
    }
    return patch;
  }

  private String pointer() {
    StringBuilder pointer = new StringBuilder();
    for (int i = random.nextInt(4) - (random.nextInt(3) == 0 ? 1 : 0); i >= 0; i--) {
      pointer.append('/').append(random.nextInt(4) == 0 ? pick(PLACES) : pick(KEYS));
    }
    return pointer.length() > 8 && random.nextBoolean() ? pointer.substring(0, 2) : pointer + "";
  }

  String path() {
    return pick(PATHS);
  }

  private String pick(List<String> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}

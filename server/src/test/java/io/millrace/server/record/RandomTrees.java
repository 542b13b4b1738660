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

  String path() {
    return pick(PATHS);
  }

  private String pick(List<String> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}

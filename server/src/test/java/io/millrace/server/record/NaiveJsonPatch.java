package io.millrace.server.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * RFC 6902 once more, on maps and lists that are copied for each operation: what tests compare
 * with.
 */
final class NaiveJsonPatch {

  private static final class Impossible extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private NaiveJsonPatch() {}

  /** The document after the patch, null if it cannot be applied or is a mere value on the way. */
  static @Nullable JsonNode apply(JsonNode document, ArrayNode patch) {
    try {
      Object value = plain(document);
      for (JsonNode operation : patch) {
        value = step(value, operation);
        if (value instanceof JsonText) {
          return null;
        }
      }
      return json(value);
    } catch (Impossible e) {
      return null;
    }
  }

  /** Whether an operation of it writes anything; the same again counts, but not where it was. */
  static boolean writes(ArrayNode patch) {
    for (JsonNode operation : patch) {
      String op = operation.get("op").asText();
      boolean stays = op.equals("move") && operation.get("from").equals(operation.get("path"));
      if (!op.equals("test") && !stays) {
        return true;
      }
    }
    return false;
  }

  private static Object step(Object document, JsonNode operation) {
    List<String> path = tokens(operation.get("path").textValue());
    switch (operation.get("op").textValue()) {
      case "add":
        return add(document, path, plain(operation.get("value")));
      case "remove":
        return removed(document, path);
      case "replace":
        get(document, path);
        return path.isEmpty()
            ? plain(operation.get("value"))
            : replaced(document, path, plain(operation.get("value")));
      case "test":
        if (!same(get(document, path), plain(operation.get("value")))) {
          throw new Impossible();
        }
        return document;
      case "move":
        List<String> from = tokens(operation.get("from").textValue());
        Object moved = get(document, from);
        if (path.equals(from)) {
          return document;
        }
        if (path.size() > from.size() && path.subList(0, from.size()).equals(from)) {
          throw new Impossible();
        }
        return path.isEmpty() ? moved : add(removed(document, from), path, moved);
      case "copy":
        return add(document, path, get(document, tokens(operation.get("from").textValue())));
      default:
        throw new AssertionError(operation);
    }
  }

  private static List<String> tokens(String pointer) {
    List<String> tokens = new ArrayList<>();
    String[] parts = pointer.split("/", -1);
    for (int i = 1; i < parts.length; i++) {
      tokens.add(parts[i].replace("~1", "/").replace("~0", "~"));
    }
    return tokens;
  }

  private static Object get(Object here, List<String> path) {
    if (path.isEmpty()) {
      return here;
    }
    String first = path.get(0);
    List<String> rest = path.subList(1, path.size());
    if (here instanceof Map<?, ?> map && map.containsKey(first)) {
      return get(Objects.requireNonNull(map.get(first)), rest);
    }
    if (here instanceof List<?> list) {
      return get(Objects.requireNonNull(list.get(index(first, list.size() - 1))), rest);
    }
    throw new Impossible();
  }

  private static int index(String token, int max) {
    for (int i = 0; i <= max; i++) {
      if (Integer.toString(i).equals(token)) {
        return i;
      }
    }
    throw new Impossible();
  }

  private interface Edit {
    void on(@Nullable Map<String, Object> map, @Nullable List<Object> list, String last);
  }

  /** A copy with the container that the last token is about edited. */
  private static Object edited(Object here, List<String> path, Edit edit) {
    String first = path.get(0);
    List<String> rest = path.subList(1, path.size());
    if (here instanceof Map<?, ?> map) {
      Map<String, Object> copy = new LinkedHashMap<>();
      map.forEach((key, value) -> copy.put((String) key, value));
      if (rest.isEmpty()) {
        edit.on(copy, null, first);
      } else {
        copy.put(first, edited(get(here, List.of(first)), rest, edit));
      }
      return copy;
    }
    if (here instanceof List<?> list) {
      List<Object> copy = new ArrayList<>(list);
      if (rest.isEmpty()) {
        edit.on(null, copy, first);
      } else {
        copy.set(index(first, list.size() - 1), edited(get(here, List.of(first)), rest, edit));
      }
      return copy;
    }
    throw new Impossible();
  }

  private static Object add(Object document, List<String> path, Object value) {
    if (path.isEmpty()) {
      return value;
    }
    return edited(
        document,
        path,
        (map, list, last) -> {
          if (map != null) {
            map.put(last, value);
          } else if (list != null) {
            list.add(last.equals("-") ? list.size() : index(last, list.size()), value);
          }
        });
  }

  private static Object replaced(Object document, List<String> path, Object value) {
    return edited(
        document,
        path,
        (map, list, last) -> {
          if (map != null) {
            map.put(last, value);
          } else if (list != null) {
            list.set(index(last, list.size() - 1), value);
          }
        });
  }

  private static Object removed(Object document, List<String> path) {
    if (path.isEmpty()) {
      throw new Impossible();
    }
    get(document, path);
    return edited(
        document,
        path,
        (map, list, last) -> {
          if (map != null) {
            map.remove(last);
          } else if (list != null) {
            list.remove(index(last, list.size() - 1));
          }
        });
  }

  private static boolean same(Object left, Object right) {
    if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
      return a.keySet().equals(b.keySet())
          && a.keySet().stream()
              .allMatch(
                  key ->
                      same(Objects.requireNonNull(a.get(key)), Objects.requireNonNull(b.get(key))));
    }
    if (left instanceof List<?> a && right instanceof List<?> b) {
      for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
        if (!same(Objects.requireNonNull(a.get(i)), Objects.requireNonNull(b.get(i)))) {
          return false;
        }
      }
      return a.size() == b.size();
    }
    if (left instanceof JsonText a && right instanceof JsonText b) {
      try {
        return new BigDecimal(a.text()).compareTo(new BigDecimal(b.text())) == 0;
      } catch (NumberFormatException e) {
        return a.equals(b);
      }
    }
    return false;
  }

  /** Maps, lists, and the text of everything else. */
  private static Object plain(JsonNode node) {
    if (node.isObject()) {
      Map<String, Object> map = new LinkedHashMap<>();
      node.properties().forEach(member -> map.put(member.getKey(), plain(member.getValue())));
      return map;
    }
    if (node.isArray()) {
      List<Object> list = new ArrayList<>();
      node.forEach(element -> list.add(plain(element)));
      return list;
    }
    return Json.text(node);
  }

  private static JsonNode json(Object plain) {
    return Json.parse(text(plain)).orElseThrow();
  }

  private static String text(Object plain) {
    if (plain instanceof Map<?, ?> map) {
      List<String> members = new ArrayList<>();
      map.forEach(
          (key, value) ->
              members.add(
                  Json.text(JsonNodeFactory.instance.textNode((String) key)).text()
                      + ":"
                      + text(Objects.requireNonNull(value))));
      return "{" + String.join(",", members) + "}";
    }
    if (plain instanceof List<?> list) {
      return "[" + String.join(",", list.stream().map(NaiveJsonPatch::text).toList()) + "]";
    }
    return ((JsonText) plain).text();
  }
}

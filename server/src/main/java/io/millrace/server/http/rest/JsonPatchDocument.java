package io.millrace.server.http.rest;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.Limits;
import io.millrace.protocol.value.JsonEquality;
import io.millrace.protocol.value.JsonSize;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * JSON Patch (RFC 6902): operations in order, all or nothing. Our own and not a library's, because
 * of the limits: a few hundred {@code copy} operations that double the document would fill any
 * heap.
 */
final class JsonPatchDocument implements Patch {

  /** Most operations in one patch: each of them may shift a whole array, on an event loop. */
  static final int MAX_OPERATIONS = 1_000;

  /** How many times the largest document may be moved and copied about within one patch. */
  private static final int MAX_MOVES = 16;

  private final List<Operation> operations;
  private final long maxLength;

  private record Operation(
      String op, JsonPointer path, @Nullable JsonPointer from, @Nullable JsonNode value) {}

  private JsonPatchDocument(List<Operation> operations, long maxLength) {
    this.operations = List.copyOf(operations);
    this.maxLength = maxLength;
  }

  /**
   * @param maxLength how long the document may become, in UTF-16 units
   */
  static JsonPatchDocument parse(JsonNode patch, long maxLength) throws PatchException {
    if (!(patch instanceof ArrayNode array)) {
      throw PatchException.malformed("a JSON Patch is an array of operations");
    }
    if (array.size() > MAX_OPERATIONS) {
      throw PatchException.malformed("more than " + MAX_OPERATIONS + " operations");
    }
    List<Operation> operations = new ArrayList<>(array.size());
    for (int i = 0; i < array.size(); i++) {
      operations.add(operation(array.get(i), i));
    }
    return new JsonPatchDocument(operations, maxLength);
  }

  private static Operation operation(JsonNode node, int index) throws PatchException {
    String op = node.path("op").asText();
    JsonPointer path = pointer(node.get("path"), index, "path");
    JsonNode value = node.get("value");
    return switch (op) {
      case "add", "replace", "test" -> {
        if (value == null) {
          throw PatchException.malformed("operation " + index + " has no value");
        }
        yield new Operation(op, path, null, value);
      }
      case "remove" -> new Operation(op, path, null, null);
      case "move", "copy" ->
          new Operation(op, path, pointer(node.get("from"), index, "from"), null);
      default -> throw PatchException.malformed("operation " + index + " is none that there is");
    };
  }

  private static JsonPointer pointer(@Nullable JsonNode text, int index, String key)
      throws PatchException {
    if (text != null && text.isTextual() && isPointer(text.textValue())) {
      return JsonPointer.compile(text.textValue());
    }
    throw PatchException.malformed(
        "\"" + key + "\" of operation " + index + " is no JSON Pointer (RFC 6901)");
  }

  /** Jackson takes a tilde that escapes nothing for a tilde; the RFC does not. */
  private static boolean isPointer(String text) {
    int depth = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '/') {
        depth++;
      } else if (depth == 0) {
        return false;
      } else if (c == '~') {
        char escaped = i + 1 < text.length() ? text.charAt(i + 1) : '~';
        if (escaped != '0' && escaped != '1') {
          return false;
        }
      }
    }
    return depth <= Limits.MAX_JSON_DEPTH;
  }

  @Override
  public JsonNode applyTo(JsonNode document) throws PatchException {
    JsonNode root = document.deepCopy();
    long copied = JsonSize.of(root);
    long handled = 0;
    for (int i = 0; i < operations.size(); i++) {
      Operation operation = operations.get(i);
      try {
        JsonNode value = operation.value();
        JsonPointer from = operation.from();
        switch (operation.op()) {
          case "add" -> root = add(root, operation.path(), copyOf(value));
          case "replace" -> root = replace(root, operation.path(), copyOf(value));
          case "remove" -> root = remove(root, operation.path());
          case "test" -> {
            if (!JsonEquality.areEqual(get(root, operation.path()), value)) {
              throw PatchException.notApplicable("the value is another one");
            }
          }
          default -> {
            JsonNode source = get(root, from);
            boolean isCopy = operation.op().equals("copy");
            long length = JsonSize.of(source);
            handled += length;
            copied += isCopy ? length : 0;
            if (copied > maxLength || handled > MAX_MOVES * maxLength) {
              throw PatchException.notApplicable("the document becomes too large");
            }
            root =
                isCopy
                    ? add(root, operation.path(), source.deepCopy())
                    : move(root, from, operation.path());
          }
        }
      } catch (PatchException e) {
        throw PatchException.notApplicable(
            "operation " + i + ", " + operation.op() + ": " + e.getMessage());
      }
    }
    return root;
  }

  private static JsonNode copyOf(@Nullable JsonNode value) {
    if (value == null) {
      throw new IllegalStateException("an operation was read without its value");
    }
    return value.deepCopy();
  }

  private static JsonNode move(JsonNode root, @Nullable JsonPointer from, JsonPointer to)
      throws PatchException {
    JsonNode moved = get(root, from);
    if (to.equals(from)) {
      return root;
    }
    if (from == null || to.toString().startsWith(from + "/")) {
      throw PatchException.notApplicable("nothing can be moved into itself");
    }
    return add(remove(root, from), to, moved);
  }

  private static JsonNode get(JsonNode root, @Nullable JsonPointer path) throws PatchException {
    JsonNode found = path == null ? null : find(root, path);
    if (found == null) {
      throw PatchException.notApplicable("there is nothing at that place");
    }
    return found;
  }

  private static @Nullable JsonNode find(JsonNode root, JsonPointer path) {
    JsonNode here = root;
    for (JsonPointer at = path; here != null && !at.matches(); at = at.tail()) {
      here = child(here, at);
    }
    return here;
  }

  private static @Nullable JsonNode child(JsonNode parent, JsonPointer at) {
    if (parent instanceof ArrayNode array) {
      int index = index(at.getMatchingProperty());
      return index < 0 ? null : array.get(index);
    }
    return parent instanceof ObjectNode object ? object.get(at.getMatchingProperty()) : null;
  }

  /** Digits without leading zeros; -1 for anything else. */
  private static int index(String token) {
    return token.matches("0|[1-9]\\d{0,8}") ? Integer.parseInt(token) : -1;
  }

  private static JsonNode parent(JsonNode root, JsonPointer path) throws PatchException {
    return get(root, path.head());
  }

  private static JsonNode add(JsonNode root, JsonPointer path, JsonNode value)
      throws PatchException {
    requireFlat(path, value);
    if (path.matches()) {
      return value;
    }
    String last = path.last().getMatchingProperty();
    switch (parent(root, path)) {
      case ObjectNode object -> object.set(last, value);
      case ArrayNode array -> {
        int index = last.equals("-") ? array.size() : index(last);
        if (index < 0 || index > array.size()) {
          throw PatchException.notApplicable("there is no such place in the array");
        }
        array.insert(index, value);
      }
      default -> throw PatchException.notApplicable("there is no object or array at that place");
    }
    return root;
  }

  /** In place, so that members keep their order. */
  private static JsonNode replace(JsonNode root, JsonPointer path, JsonNode value)
      throws PatchException {
    requireFlat(path, value);
    if (path.matches()) {
      return value;
    }
    get(root, path);
    String last = path.last().getMatchingProperty();
    if (parent(root, path) instanceof ArrayNode array) {
      array.set(index(last), value);
    } else if (parent(root, path) instanceof ObjectNode object) {
      object.set(last, value);
    }
    return root;
  }

  private static JsonNode remove(JsonNode root, JsonPointer path) throws PatchException {
    if (path.matches()) {
      throw PatchException.notApplicable("the whole document cannot be removed");
    }
    get(root, path);
    String last = path.last().getMatchingProperty();
    if (parent(root, path) instanceof ArrayNode array) {
      array.remove(index(last));
    } else if (parent(root, path) instanceof ObjectNode object) {
      object.remove(last);
    }
    return root;
  }

  /** A document that is too deep could not be read again. */
  private static void requireFlat(JsonPointer path, JsonNode value) throws PatchException {
    if (!isAtMost(Limits.MAX_JSON_DEPTH - depth(path), value)) {
      throw PatchException.notApplicable("the document becomes too deep");
    }
  }

  private static int depth(JsonPointer path) {
    int depth = 0;
    for (JsonPointer at = path; !at.matches(); at = at.tail()) {
      depth++;
    }
    return depth;
  }

  private static boolean isAtMost(int max, JsonNode value) {
    if (max < 0) {
      return false;
    }
    for (JsonNode member : value) {
      if (!isAtMost(max - 1, member)) {
        return false;
      }
    }
    return true;
  }
}

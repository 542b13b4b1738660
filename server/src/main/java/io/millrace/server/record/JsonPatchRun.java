package io.millrace.server.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.JsonEquality;
import io.millrace.protocol.value.JsonSize;
import io.millrace.server.record.JsonPatchOperations.Operation;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Carries out a JSON Patch (RFC 6902) on a draft. Each operation is one change of one container, so
 * that it costs what it is about, however large the record.
 */
final class JsonPatchRun {
  private static final Optional<String> DONE = Optional.empty();
  private static final Optional<String> NOTHING_THERE =
      Optional.of("there is nothing at that place");
  private static final Optional<String> NO_CONTAINER =
      Optional.of("the data of a record is an object or an array");

  private final RecordDraft draft;
  private final ArrayNode operations;

  JsonPatchRun(RecordDraft draft, ArrayNode operations) {
    this.draft = draft;
    this.operations = operations;
  }

  /** Why it could not be carried out, with the index of the operation; then it is half done. */
  Optional<String> run() {
    for (int i = 0; i < operations.size(); i++) {
      Operation operation = JsonPatchOperations.read(operations.get(i));
      Optional<String> refusal = run(operation);
      if (refusal.isPresent()) {
        String which = "JSON Patch operation " + i + " (" + operation.op() + "): ";
        return refusal.map(which::concat);
      }
    }
    return DONE;
  }

  private Optional<String> run(Operation operation) {
    List<String> path = operation.path();
    JsonNode value = operation.value();
    List<String> from = operation.from();
    return switch (operation.op()) {
      case "add" -> add(path, copyOf(value));
      case "replace" -> replace(path, copyOf(value));
      case "remove" -> remove(path);
      case "test" -> test(path, value);
      case "move" -> move(from == null ? List.of() : from, path);
      default -> copy(from == null ? List.of() : from, path);
    };
  }

  /** The operation may be carried out again, when the delta is delivered again. */
  private static JsonNode copyOf(@Nullable JsonNode value) {
    if (value == null) {
      throw new IllegalStateException("an operation was read without its value");
    }
    return value.deepCopy();
  }

  private Optional<String> add(List<String> path, JsonNode value) {
    if (path.isEmpty()) {
      return whole(value);
    }
    List<String> place = path.subList(0, path.size() - 1);
    String last = path.getLast();
    return switch (find(place)) {
      case ObjectNode object -> draft.put(object, place, last, value);
      case ArrayNode array -> {
        int index = last.equals("-") ? array.size() : index(last);
        yield index < 0 || index > array.size()
            ? Optional.of("there is no such place in the array")
            : draft.insert(array, place, index, value);
      }
      case null, default -> Optional.of("there is no object or array at that place");
    };
  }

  private Optional<String> replace(List<String> path, JsonNode value) {
    if (path.isEmpty()) {
      return whole(value);
    }
    List<String> place = path.subList(0, path.size() - 1);
    return find(path) != null && find(place) instanceof ContainerNode<?> container
        ? draft.put(container, place, path.getLast(), value)
        : NOTHING_THERE;
  }

  private Optional<String> whole(JsonNode value) {
    return value instanceof ContainerNode<?> container ? draft.replace(container) : NO_CONTAINER;
  }

  private Optional<String> remove(List<String> path) {
    if (path.isEmpty()) {
      return Optional.of("the whole data cannot be removed");
    }
    if (find(path) == null) {
      return NOTHING_THERE;
    }
    List<String> place = path.subList(0, path.size() - 1);
    return switch (find(place)) {
      case ArrayNode array -> draft.remove(array, place, index(path.getLast()));
      case ObjectNode object -> draft.put(object, place, path.getLast(), null);
      case null, default -> NOTHING_THERE;
    };
  }

  private Optional<String> test(List<String> path, @Nullable JsonNode value) {
    JsonNode found = find(path);
    if (found == null) {
      return NOTHING_THERE;
    }
    return JsonEquality.areEqual(found, value) ? DONE : Optional.of("the value is another one");
  }

  private Optional<String> move(List<String> from, List<String> to) {
    JsonNode value = find(from);
    if (value == null) {
      return NOTHING_THERE;
    }
    if (to.equals(from)) {
      return DONE;
    }
    if (to.size() > from.size() && to.subList(0, from.size()).equals(from)) {
      return Optional.of("nothing can be moved into itself");
    }
    if (to.isEmpty()) {
      return whole(value.deepCopy());
    }
    return draft.move(JsonSize.of(value)).or(() -> remove(from)).or(() -> add(to, value));
  }

  private Optional<String> copy(List<String> from, List<String> to) {
    JsonNode value = find(from);
    return value == null
        ? NOTHING_THERE
        : draft.move(JsonSize.of(value)).or(() -> add(to, value.deepCopy()));
  }

  private @Nullable JsonNode find(List<String> path) {
    JsonNode here = draft.tree();
    for (String name : path) {
      here =
          switch (here) {
            case ArrayNode array -> array.get(index(name));
            case ObjectNode object -> object.get(name);
            default -> null;
          };
      if (here == null) {
        return null;
      }
    }
    return here;
  }

  /** Digits without leading zeros; -1, where no array has anything, for all else. */
  private static int index(String token) {
    return token.matches("0|[1-9][0-9]{0,8}") ? Integer.parseInt(token) : -1;
  }
}

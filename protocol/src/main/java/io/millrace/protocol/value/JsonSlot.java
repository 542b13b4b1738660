package io.millrace.protocol.value;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.JsonPatch.Result;
import io.millrace.protocol.value.JsonPatch.Undo;
import io.millrace.protocol.value.JsonPath.Index;
import io.millrace.protocol.value.JsonPath.Key;
import io.millrace.protocol.value.JsonPath.Step;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One place in one container, which need not exist yet: where a patch changes the tree. */
sealed interface JsonSlot {

  /** Up to how many members an erased one is put back in its order. */
  int MAX_REORDERED = 64;

  /** The slot that {@code step} leads to; null if no value can be there. */
  static @Nullable JsonSlot of(ContainerNode<?> container, Step step) {
    if (container instanceof ObjectNode object) {
      return new Member(
          object, step instanceof Key key ? key.name() : String.valueOf(((Index) step).index()));
    }
    int index = step instanceof Key key ? arrayIndex(key.name()) : ((Index) step).index();
    return index < 0 ? null : new Element((ArrayNode) container, index);
  }

  /** What is there; null if there is nothing. */
  @Nullable JsonNode value();

  /** How many nulls have to fill up the array before something can be set here. */
  int gap();

  Result set(JsonNode value);

  Result erase();

  /** "7" is an index of an array; "07", "+7" and "seven" are properties that JSON does not have. */
  private static int arrayIndex(String key) {
    boolean canonical =
        !key.isEmpty() && key.length() < 10 && (key.charAt(0) != '0' || key.length() == 1);
    for (int i = 0; canonical && i < key.length(); i++) {
      canonical = key.charAt(i) >= '0' && key.charAt(i) <= '9';
    }
    return canonical ? Integer.parseInt(key) : -1;
  }

  /** A member of an object. */
  record Member(ObjectNode object, String key) implements JsonSlot {

    @Override
    public @Nullable JsonNode value() {
      return object.get(key);
    }

    @Override
    public int gap() {
      return 0;
    }

    @Override
    public Result set(JsonNode value) {
      long size = JsonSize.of(value);
      JsonNode old = object.replace(key, value);
      if (old == null) {
        return new Result.Applied(() -> object.remove(key), size + frame(object.size()));
      }
      return new Result.Applied(() -> object.replace(key, old), size - JsonSize.of(old));
    }

    @Override
    public Result erase() {
      List<String> followers = followers();
      int count = object.size();
      JsonNode old = object.remove(key);
      if (old == null) {
        return new Result.Applied(() -> {}, 0);
      }
      return new Result.Applied(() -> putBack(old, followers), -JsonSize.of(old) - frame(count));
    }

    /** What a member takes beside its value, in an object of {@code count} members with it. */
    private long frame(int count) {
      return JsonSize.ofString(key) + 1 + (count > 1 ? 1 : 0);
    }

    private List<String> followers() {
      List<String> followers = new ArrayList<>();
      if (object.size() <= MAX_REORDERED && object.has(key)) {
        Iterator<String> names = object.fieldNames();
        while (!names.next().equals(key)) {
          // Stays where it is.
        }
        names.forEachRemaining(followers::add);
      }
      return followers;
    }

    private void putBack(JsonNode old, List<String> followers) {
      object.replace(key, old);
      for (String follower : followers) {
        JsonNode member = object.remove(follower);
        object.replace(follower, member);
      }
    }
  }

  /** An element of an array, or a slot behind its end. */
  record Element(ArrayNode array, int index) implements JsonSlot {

    @Override
    public @Nullable JsonNode value() {
      return array.get(index);
    }

    @Override
    public int gap() {
      return Math.max(0, index - array.size());
    }

    @Override
    public Result set(JsonNode value) {
      int oldLength = array.size();
      if (index < oldLength) {
        return replace(value);
      }
      for (int i = oldLength; i < index; i++) {
        array.addNull();
      }
      array.add(value);
      long nulls = (index - oldLength) * JsonSize.of(NullNode.instance);
      long commas = JsonSize.separators(array.size()) - JsonSize.separators(oldLength);
      return new Result.Applied(() -> truncate(oldLength), nulls + commas + JsonSize.of(value));
    }

    /** Later elements keep their places; behind the end there is nothing to erase. */
    @Override
    public Result erase() {
      return index < array.size() ? replace(NullNode.instance) : new Result.Applied(() -> {}, 0);
    }

    private Result replace(JsonNode value) {
      JsonNode old = array.get(index);
      array.set(index, value);
      Undo undo = () -> array.set(index, old);
      return new Result.Applied(undo, JsonSize.of(value) - JsonSize.of(old));
    }

    private void truncate(int length) {
      for (int last = array.size() - 1; last >= length; last--) {
        array.remove(last);
      }
    }
  }
}

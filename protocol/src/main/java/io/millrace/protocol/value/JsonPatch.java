package io.millrace.protocol.value;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.Limits;
import io.millrace.protocol.value.JsonPath.Index;
import io.millrace.protocol.value.JsonPath.Key;
import io.millrace.protocol.value.JsonPath.Step;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sets or erases what is at a path, as the JavaScript client does it with its own copy (protocol
 * §3.9): missing and scalar values on the way become objects, or arrays when the next step is an
 * index, with null in the slots before it; parents are created even for an erase; an erase in an
 * array leaves null.
 *
 * <p>The tree is changed in place. The part of the path that exists is walked down, what has to be
 * created below it is built apart, and then exactly one member of one container changes. So the
 * cost is that of the path, the new value and the old one, however large the containers on the way
 * are; a refusal has changed nothing; and there is one step to undo. Not thread-safe: the caller
 * owns the tree.
 */
public final class JsonPatch {
  private static final Undo NOTHING = () -> {};

  private JsonPatch() {}

  /** What became of a patch. */
  public sealed interface Result {

    /**
     * The tree is changed. {@code growth} is by how much its compact text has become longer, in
     * UTF-16 units; negative when it has become shorter.
     */
    record Applied(Undo undo, long growth) implements Result {}

    /** The tree is as it was: the path cannot be applied to it. The reason quotes no data. */
    record Refused(String reason) implements Result {}
  }

  /**
   * Takes a change back. To be run at most once; of several changes to one tree, the newest first.
   *
   * <p>Keys are put back at their place, but for one that was erased from an object of more than
   * {@value JsonSlot#MAX_REORDERED} members: that goes to the end, because its place could only be
   * found by a walk over all of them, and the order of members means nothing in JSON.
   */
  public interface Undo {
    void run();
  }

  /**
   * Sets what is at {@code path} to {@code value}, which becomes part of the tree and must not be
   * used otherwise; or erases it, if {@code value} is null (which is not JSON's null).
   */
  public static Result apply(ContainerNode<?> root, JsonPath path, @Nullable JsonNode value) {
    List<Step> steps = path.steps();
    if (value != null && !JsonDepth.isAtMost(Limits.MAX_JSON_DEPTH - steps.size(), value)) {
      return new Result.Refused("nested too deeply");
    }
    ContainerNode<?> container = root;
    int last = steps.size() - 1;
    for (int i = 0; i < last; i++) {
      JsonSlot slot = JsonSlot.of(container, steps.get(i));
      if (slot != null && slot.value() instanceof ContainerNode<?> next) {
        container = next;
      } else {
        return create(slot, steps.subList(i, steps.size()), value);
      }
    }
    JsonSlot slot = JsonSlot.of(container, steps.get(last));
    if (slot == null) {
      return outside(steps.get(last), value == null);
    }
    return value == null ? slot.erase() : set(slot, value, 0);
  }

  /** Puts what all steps but the first lead through into {@code slot}, the first one's. */
  private static Result create(
      @Nullable JsonSlot slot, List<Step> steps, @Nullable JsonNode value) {
    JsonNode created = value;
    int nulls = 0;
    for (int i = steps.size() - 1; i > 0; i--) {
      if (steps.get(i) instanceof Index index) {
        if (index.index() < 0 || index.index() > Limits.MAX_ARRAY_GAP - nulls) {
          return new Result.Refused("array index out of range");
        }
        nulls += index.index();
        created = array(index.index(), created);
      } else {
        created = object((Key) steps.get(i), created);
      }
    }
    return slot == null || created == null
        ? outside(steps.get(0), value == null)
        : set(slot, created, nulls);
  }

  /** {@code nulls} is how many array slots were filled up already, below this one. */
  private static Result set(JsonSlot slot, JsonNode value, int nulls) {
    return slot.gap() > Limits.MAX_ARRAY_GAP - nulls
        ? new Result.Refused("array index out of range")
        : slot.set(value);
  }

  /**
   * The step leads to a property of an array that is no element. JavaScript sets it, but JSON does
   * not have it: the value would be lost. To erase there changes nothing, except that the client
   * throws at, or empties the array for, its length.
   */
  private static Result outside(Step step, boolean isErase) {
    boolean isLength = step instanceof Key key && key.name().equals("length");
    return isErase && !isLength
        ? new Result.Applied(NOTHING, 0)
        : new Result.Refused("an array has no such member");
  }

  private static ArrayNode array(int nulls, @Nullable JsonNode last) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode(nulls + 1);
    for (int i = 0; i < nulls; i++) {
      array.addNull();
    }
    return last == null ? array : array.add(last);
  }

  private static ObjectNode object(Key key, @Nullable JsonNode member) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    return member == null ? object : object.set(key.name(), member);
  }
}

package io.millrace.server.permission;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import org.mozilla.javascript.ScriptRuntime;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.Undefined;
import org.mozilla.javascript.Wrapper;

/**
 * JSON trees as JavaScript values. Nothing is copied: an object becomes a view of one node, its
 * members are looked up when the rule asks for them, so a large record costs nothing unless it is
 * looked at. The trees must not change while a rule runs.
 */
final class JsonViews {
  /** What looking at one element of an array costs, in characters. */
  private static final int ELEMENT = 8;

  private final Scriptable arrayMethods;
  private final Budget budget;

  JsonViews(Scriptable arrayMethods, Budget budget) {
    this.arrayMethods = arrayMethods;
    this.budget = budget;
  }

  /** The value that rules see; JSON's null is JavaScript's. */
  @Nullable Object of(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> new ObjectView(node);
      case ARRAY -> new ArrayView(node);
      case STRING -> {
        String text = node.textValue();
        budget.spend(text.length());
        yield text;
      }
      case NUMBER -> node.isInt() ? (Object) node.intValue() : (Object) node.doubleValue();
      case BOOLEAN -> node.booleanValue();
      case NULL -> null;
      case MISSING, BINARY, POJO -> Undefined.instance;
    };
  }

  /** A view is the same as another one of the same node: {@code data.a === data.a}. */
  private final class ObjectView extends ReadOnlyObject implements Wrapper {
    private final JsonNode node;

    ObjectView(JsonNode node) {
      this.node = node;
    }

    @Override
    public @Nullable Object get(String name, Scriptable start) {
      JsonNode member = node.get(name);
      return member == null || RuleSyntax.FORBIDDEN_MEMBERS.contains(name) ? NOT_FOUND : of(member);
    }

    @Override
    public boolean has(String name, Scriptable start) {
      return node.has(name) && !RuleSyntax.FORBIDDEN_MEMBERS.contains(name);
    }

    @Override
    public Object unwrap() {
      return node;
    }
  }

  /** Has {@code length}, {@code indexOf} and {@code includes} beside its elements. */
  final class ArrayView extends ReadOnlyObject implements Wrapper {
    private final JsonNode node;

    private ArrayView(JsonNode node) {
      this.node = node;
    }

    int length() {
      return node.size();
    }

    @Nullable Object element(int index) {
      budget.spend(ELEMENT);
      return of(node.get(index));
    }

    @Override
    public String getClassName() {
      return "Array";
    }

    @Override
    public @Nullable Object get(String name, Scriptable start) {
      return name.equals("length") ? (Object) node.size() : NOT_FOUND;
    }

    @Override
    public @Nullable Object get(int index, Scriptable start) {
      JsonNode element = node.get(index);
      return element == null ? NOT_FOUND : of(element);
    }

    @Override
    public Scriptable getPrototype() {
      return arrayMethods;
    }

    @Override
    public Object getDefaultValue(@Nullable Class<?> hint) {
      var text = new StringBuilder();
      join(node, text);
      return text.toString();
    }

    @Override
    public Object unwrap() {
      return node;
    }
  }

  /** What JavaScript makes of an array as text: its elements with commas, null as nothing. */
  private void join(JsonNode array, StringBuilder text) {
    for (int i = 0; i < array.size(); i++) {
      if (i > 0) {
        text.append(',');
      }
      budget.spend(ELEMENT);
      JsonNode element = array.get(i);
      if (element.isArray()) {
        join(element, text);
      } else if (element.isObject()) {
        text.append("[object Object]");
      } else if (!element.isNull()) {
        String part = ScriptRuntime.toString(of(element));
        budget.spend(part.length());
        text.append(part);
      }
    }
  }
}

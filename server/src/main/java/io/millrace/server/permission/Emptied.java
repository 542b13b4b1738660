package io.millrace.server.permission;

import java.util.List;
import java.util.Map;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.TopLevel;

/** JavaScript's own objects without what rules have no use for. */
final class Emptied {

  /** What values of rules have as their prototypes: all others nothing leads to. */
  private static final List<TopLevel.Builtins> REACHABLE =
      List.of(
          TopLevel.Builtins.Object,
          TopLevel.Builtins.Function,
          TopLevel.Builtins.Array,
          TopLevel.Builtins.String,
          TopLevel.Builtins.Number,
          TopLevel.Builtins.Boolean);

  private Emptied() {}

  /**
   * Takes away everything but the methods of text and arrays that rules may call, and seals it.
   *
   * @return what arrays have as their prototype
   */
  static Scriptable world(TopLevel top) {
    for (TopLevel.Builtins each : REACHABLE) {
      empty(prototype(top, each));
    }
    addAll(prototype(top, TopLevel.Builtins.String), Methods.OF_STRINGS);
    addAll(prototype(top, TopLevel.Builtins.Array), Methods.OF_ARRAYS);
    for (TopLevel.Builtins each : REACHABLE) {
      prototype(top, each).sealObject();
    }
    empty(top);
    top.sealObject();
    return prototype(top, TopLevel.Builtins.Array);
  }

  private static ScriptableObject prototype(TopLevel top, TopLevel.Builtins builtin) {
    return (ScriptableObject) top.getBuiltinPrototype(builtin);
  }

  private static void empty(ScriptableObject object) {
    for (Object id : object.getAllIds()) {
      if (id instanceof String name) {
        object.setAttributes(name, ScriptableObject.EMPTY);
        object.delete(name);
      } else {
        object.delete((Integer) id);
      }
    }
    if (object.getAllIds().length > 0) {
      throw new IllegalStateException("cannot be emptied: " + object.getClassName());
    }
  }

  private static void addAll(ScriptableObject prototype, Map<String, Methods.Method> methods) {
    methods.forEach(
        (name, method) ->
            prototype.defineProperty(
                name,
                new Methods.Function(method),
                ScriptableObject.READONLY | ScriptableObject.PERMANENT));
  }
}

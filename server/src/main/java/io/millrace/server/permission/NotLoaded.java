package io.millrace.server.permission;

import org.jspecify.annotations.Nullable;
import org.mozilla.javascript.Callable;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;
import org.mozilla.javascript.Undefined;

/**
 * Stands for a record while it is being loaded. To the rule it is undefined, but one that can be
 * looked into: so a run gets as far as it can and finds all records that it needs, where the
 * reference needs a run for each, and no exception is thrown for it. What such a run comes to is
 * never looked at.
 */
final class NotLoaded extends ScriptableObject implements Callable {
  static final NotLoaded INSTANCE = new NotLoaded();
  private static final long serialVersionUID = 1L;

  private NotLoaded() {}

  @Override
  public String getClassName() {
    return "undefined";
  }

  @Override
  public Object get(String name, Scriptable start) {
    return this;
  }

  @Override
  public Object get(int index, Scriptable start) {
    return this;
  }

  @Override
  public Object call(Context cx, Scriptable scope, Scriptable thisObj, @Nullable Object[] args) {
    return this;
  }

  /** Falsy, and "undefined" to typeof. */
  @Override
  public boolean avoidObjectDetection() {
    return true;
  }

  @Override
  protected Object equivalentValues(@Nullable Object value) {
    return value == null || value == this || Undefined.isUndefined(value);
  }

  @Override
  public Object getDefaultValue(@Nullable Class<?> hint) {
    return Undefined.instance;
  }
}

package io.millrace.server.permission;

import org.jspecify.annotations.Nullable;
import org.mozilla.javascript.Scriptable;

/**
 * A JavaScript object that rules can look at and nothing else. It has only the members that it says
 * it has, and no way to what it was made by.
 */
abstract class ReadOnlyObject implements Scriptable {

  @Override
  public String getClassName() {
    return "Object";
  }

  @Override
  public @Nullable Object get(int index, Scriptable start) {
    return get(String.valueOf(index), start);
  }

  @Override
  public boolean has(String name, Scriptable start) {
    return get(name, start) != NOT_FOUND;
  }

  @Override
  public boolean has(int index, Scriptable start) {
    return get(index, start) != NOT_FOUND;
  }

  @Override
  public void put(String name, Scriptable start, Object value) {
    throw readOnly();
  }

  @Override
  public void put(int index, Scriptable start, Object value) {
    throw readOnly();
  }

  @Override
  public void delete(String name) {
    throw readOnly();
  }

  @Override
  public void delete(int index) {
    throw readOnly();
  }

  @Override
  public @Nullable Scriptable getPrototype() {
    return null;
  }

  @Override
  public void setPrototype(Scriptable prototype) {
    throw readOnly();
  }

  @Override
  public @Nullable Scriptable getParentScope() {
    return null;
  }

  @Override
  public void setParentScope(Scriptable parent) {
    throw readOnly();
  }

  @Override
  public Object[] getIds() {
    return new Object[0];
  }

  @Override
  public Object getDefaultValue(@Nullable Class<?> hint) {
    return "[object Object]";
  }

  @Override
  public boolean hasInstance(Scriptable instance) {
    return false;
  }

  private static RuleAbort readOnly() {
    return new RuleAbort("the rule changes what can only be read");
  }
}

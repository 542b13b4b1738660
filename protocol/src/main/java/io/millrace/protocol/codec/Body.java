package io.millrace.protocol.codec;

import io.millrace.protocol.Action;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The body of one message as it is on the wire: fields that are there or not, and nothing about
 * what they mean. A field that was set to zero or to nothing is there (protocol §1.5), so what was
 * read is written again byte by byte. Knows no syntax. Confined to the thread that reads or writes
 * the frame.
 *
 * <p>Slots are indexed by field number: the fields in wire order are the bits of {@link #present}.
 */
final class Body {
  private final Layout layout;
  private int present;
  private final int[] numbers = new int[Layout.END];
  private final @Nullable Object[] objects = new Object[Layout.END];

  Body(Layout layout) {
    this.layout = layout;
  }

  /** An empty body but for its action. */
  static Body of(Action action) {
    return new Body(Layout.of(action.topic())).putNumber(Field.ACTION, action.number());
  }

  Layout layout() {
    return layout;
  }

  /** One bit for each field number that is there. */
  int present() {
    return present;
  }

  int numberAt(int fieldNumber) {
    return numbers[fieldNumber];
  }

  @Nullable Object objectAt(int fieldNumber) {
    return objects[fieldNumber];
  }

  boolean has(Field field) {
    return (present & 1 << layout.number(field)) != 0;
  }

  int number(Field field, int ifAbsent) {
    return has(field) ? numbers[layout.number(field)] : ifAbsent;
  }

  boolean flag(Field field) {
    return number(field, 0) != 0;
  }

  @Nullable String text(Field field) {
    return (String) objects[layout.number(field)];
  }

  @SuppressWarnings("unchecked")
  List<String> texts(Field field) {
    Object texts = objects[layout.number(field)];
    return texts == null ? List.of() : (List<String>) texts;
  }

  @SuppressWarnings("unchecked")
  Map<String, Integer> versions() {
    Object versions = objects[layout.number(Field.VERSIONS)];
    return versions == null ? Map.of() : (Map<String, Integer>) versions;
  }

  Body putNumber(Field field, @Nullable Integer value) {
    if (value != null) {
      numbers[mark(field)] = value;
    }
    return this;
  }

  Body putAction(Field field, @Nullable Action action) {
    return action == null ? this : putNumber(field, action.number());
  }

  Body putFlag(Field field, boolean value) {
    numbers[mark(field)] = value ? 1 : 0;
    return this;
  }

  /** Set when true and absent when false. */
  Body putFlagIf(Field field, boolean value) {
    return value ? putFlag(field, true) : this;
  }

  Body putText(Field field, @Nullable String value) {
    if (value != null) {
      objects[mark(field)] = value;
    }
    return this;
  }

  /** Nothing is there when the list is empty. */
  Body putTexts(Field field, List<String> values) {
    if (!values.isEmpty()) {
      objects[mark(field)] = values;
    }
    return this;
  }

  Body putVersions(Map<String, Integer> values) {
    if (!values.isEmpty()) {
      objects[mark(Field.VERSIONS)] = values;
    }
    return this;
  }

  /** One more of a list that is being read. */
  @SuppressWarnings("unchecked")
  void addText(Field field, String value) {
    int slot = mark(field);
    List<String> texts = (List<String>) objects[slot];
    if (texts == null) {
      texts = new ArrayList<>();
      objects[slot] = texts;
    }
    texts.add(value);
  }

  /** One more of a map that is being read. */
  @SuppressWarnings("unchecked")
  void addVersion(String name, int version) {
    int slot = mark(Field.VERSIONS);
    Map<String, Integer> versions = (Map<String, Integer>) objects[slot];
    if (versions == null) {
      versions = new LinkedHashMap<>();
      objects[slot] = versions;
    }
    versions.put(name, version);
  }

  private int mark(Field field) {
    int slot = layout.number(field);
    if (slot == 0) {
      throw new IllegalArgumentException(layout + " bodies have no field " + field);
    }
    present |= 1 << slot;
    return slot;
  }
}

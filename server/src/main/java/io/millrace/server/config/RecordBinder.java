package io.millrace.server.config;

import io.millrace.server.config.ConfigNode.Mapping;
import io.millrace.server.config.ConfigNode.Scalar;
import io.millrace.server.config.ConfigNode.Sequence;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Nodes to records: a key for each component, typed as the component is. A value that is missing or
 * cannot be read is a fault and a stand-in goes on in its place, so that one run finds all faults;
 * after a fault nobody gets to see the records.
 */
final class RecordBinder {
  private final Faults faults;
  private final Path folder;
  private final Map<Class<?>, Mapping> entryDefaults;

  /**
   * @param folder what names of files are relative to
   * @param entryDefaults what a list entry holds where the file does not say
   */
  RecordBinder(Faults faults, Path folder, Map<Class<?>, Mapping> entryDefaults) {
    this.faults = faults;
    this.folder = folder;
    this.entryDefaults = entryDefaults;
  }

  <R extends Record> R bind(Class<R> type, Mapping node) {
    return type.cast(record(type, node, ""));
  }

  private Object record(Class<?> type, ConfigNode node, String key) {
    if (!(node instanceof Mapping mapping)) {
      faults.add(node.line(), key, "must hold keys: " + String.join(", ", Keys.of(type)));
      return record(type, Mapping.EMPTY, key);
    }
    refuseUnknownKeys(type, mapping, key);
    @Nullable Object[] values =
        Arrays.stream(type.getRecordComponents())
            .map(component -> component(component, mapping, key))
            .toArray();
    Object record = construct(type, values);
    if (record instanceof Checked checked) {
      checked.check(new Checks(key, mapping, faults));
    }
    return record;
  }

  private void refuseUnknownKeys(Class<?> type, Mapping mapping, String key) {
    List<String> known = Keys.of(type);
    mapping
        .entries()
        .forEach(
            (name, value) -> {
              if (!known.contains(name)) {
                faults.add(value.line(), Keys.child(key, name), Keys.unknown(name, type));
              }
            });
  }

  private @Nullable Object component(RecordComponent component, Mapping mapping, String key) {
    String full = Keys.child(key, component.getName());
    ConfigNode node = mapping.entries().get(component.getName());
    if (node != null && !node.isEmpty()) {
      return value(component.getGenericType(), node, full);
    }
    if (component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
      return null;
    }
    Class<?> type = component.getType();
    if (type != List.class && type != Map.class) {
      faults.add(mapping.line(), full, "is missing");
    }
    return standIn(type, full);
  }

  private Object value(Type type, ConfigNode node, String key) {
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      return generic.getRawType() == Map.class
          ? map(node, key)
          : list((Class<?>) arguments[0], node, key);
    }
    Class<?> simple = (Class<?>) type;
    if (Variants.isFamily(simple)) {
      return variant(simple, node, key);
    }
    return isGroup(simple) ? record(simple, node, key) : scalar(simple, node, key);
  }

  private List<Object> list(Class<?> itemType, ConfigNode node, String key) {
    if (!(node instanceof Sequence sequence)) {
      faults.add(node.line(), key, "must be a list; write [a, b], or a line \"- a\" for each");
      return List.of();
    }
    var items = new ArrayList<Object>();
    for (ConfigNode item : sequence.items()) {
      String itemKey = Keys.item(key, items.size());
      if (item.isEmpty()) {
        faults.add(item.line(), itemKey, "is empty");
      }
      items.add(value(itemType, overDefaults(itemType, item), itemKey));
    }
    return items;
  }

  private ConfigNode overDefaults(Class<?> entryType, ConfigNode node) {
    Mapping defaults = entryDefaults.get(entryType);
    return defaults != null && node instanceof Mapping given ? defaults.overlaidBy(given) : node;
  }

  /** The record that the node's type names, with that type's keys. */
  private Object variant(Class<?> family, ConfigNode node, String key) {
    ConfigNode type = node instanceof Mapping mapping ? mapping.entries().get(Variants.TYPE) : null;
    Class<?> first = Variants.of(family).getFirst();
    if (!(type instanceof Scalar scalar) || scalar.isEmpty()) {
      faults.add(
          type == null ? node.line() : type.line(),
          Keys.child(key, Variants.TYPE),
          "must be one of: " + Variants.names(family));
      return record(first, Mapping.EMPTY, key);
    }
    Class<?> chosen = Variants.named(family, scalar.text()).orElse(null);
    if (chosen == null) {
      faults.add(
          scalar.line(),
          Keys.child(key, Variants.TYPE),
          "%s is not allowed; allowed: %s"
              .formatted(Scalars.quote(scalar.text()), Variants.names(family)));
      return record(first, Mapping.EMPTY, key);
    }
    return record(chosen, overDefaults(chosen, node), key);
  }

  /** Free keys with text values; here an empty text is a value like any other. */
  private Map<String, String> map(ConfigNode node, String key) {
    if (!(node instanceof Mapping mapping)) {
      faults.add(node.line(), key, "must hold keys with values");
      return Map.of();
    }
    var map = new LinkedHashMap<String, String>();
    mapping
        .entries()
        .forEach(
            (name, value) -> {
              if (value instanceof Scalar scalar) {
                map.put(name, scalar.text());
              } else {
                faults.add(value.line(), Keys.child(key, name), "must be a single value");
              }
            });
    return map;
  }

  private Object scalar(Class<?> type, ConfigNode node, String key) {
    if (!(node instanceof Scalar scalar)) {
      faults.add(node.line(), key, "must be a single value");
      return standIn(type, key);
    }
    try {
      return scalar(type, scalar.text());
    } catch (Scalars.NotAllowed e) {
      faults.add(node.line(), key, e.problem());
      return standIn(type, key);
    }
  }

  private Object scalar(Class<?> type, String text) throws Scalars.NotAllowed {
    if (type == int.class || type == Integer.class) {
      return Scalars.integer(text);
    }
    if (type == double.class) {
      return Scalars.decimal(text);
    }
    if (type == boolean.class || type == Boolean.class) {
      return Scalars.bool(text);
    }
    if (type == Duration.class) {
      return Scalars.duration(text);
    }
    if (type == DataSize.class) {
      return Scalars.size(text);
    }
    if (type == Path.class) {
      return Scalars.file(folder, text);
    }
    if (type.isEnum()) {
      return Scalars.constant(text, type.getEnumConstants());
    }
    if (type == String.class) {
      return text;
    }
    throw new IllegalStateException("no way to read a " + type.getName());
  }

  private Object standIn(Class<?> type, String key) {
    if (type == int.class || type == Integer.class) {
      return 0;
    }
    if (type == double.class) {
      return 0.0;
    }
    if (type == boolean.class || type == Boolean.class) {
      return false;
    }
    if (type == Duration.class) {
      return Duration.ZERO;
    }
    if (type == DataSize.class) {
      return new DataSize(0);
    }
    if (type == Path.class) {
      return folder;
    }
    if (type.isEnum()) {
      return type.getEnumConstants()[0];
    }
    if (type == List.class) {
      return List.of();
    }
    if (type == Map.class) {
      return Map.of();
    }
    return isGroup(type) ? record(type, Mapping.EMPTY, key) : "";
  }

  /** Whether a type has keys of its own; a size is a record too, but one value in the file. */
  static boolean isGroup(Class<?> type) {
    return type.isRecord() && type != DataSize.class;
  }

  private static Object construct(Class<?> type, @Nullable Object[] values) {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      // Checks are the place to refuse a value, so that all faults are found.
      throw new IllegalStateException(type.getName() + " refuses its values", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type.getName() + " cannot be made", e);
    }
  }
}

package io.millrace.server.config;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How keys are written, which ones there are, and which one was probably meant. */
final class Keys {
  private Keys() {}

  static String child(String parent, String name) {
    return parent.isEmpty() ? name : parent + "." + name;
  }

  static String item(String list, int index) {
    return list + "[" + index + "]";
  }

  static List<String> of(Class<?> type) {
    Stream<String> own = Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName);
    return Variants.familyOf(type).isPresent()
        ? Stream.concat(Stream.of(Variants.TYPE), own).toList()
        : own.toList();
  }

  /** Every full key of a configuration, those within list entries left out. */
  static List<String> all() {
    var keys = new ArrayList<String>();
    collect(MillraceConfig.class, "", keys);
    return keys;
  }

  private static void collect(Class<?> type, String prefix, List<String> keys) {
    for (RecordComponent component : type.getRecordComponents()) {
      String key = child(prefix, component.getName());
      keys.add(key);
      if (RecordBinder.isGroup(component.getType())) {
        collect(component.getType(), key, keys);
      }
    }
  }

  /** What is wrong with a key that the record does not have, and what may have been meant. */
  static String unknown(String name, Class<?> type) {
    List<String> allowed = of(type);
    Optional<Class<?>> family = Variants.familyOf(type);
    if (family.isPresent()) {
      return unknownHere(name, type, Variants.of(family.get()));
    }
    List<String> elsewhere = all().stream().filter(key -> key.endsWith("." + name)).toList();
    if (!elsewhere.isEmpty()) {
      return "is not a known key here; did you mean " + String.join(" or ", elsewhere) + "?";
    }
    Optional<String> near = nearest(name, allowed);
    if (near.isPresent()) {
      return "is not a known key; did you mean " + near.get() + "?";
    }
    return "is not a known key; allowed are " + String.join(", ", allowed);
  }

  private static String unknownHere(String name, Class<?> type, List<Class<?>> variants) {
    String others =
        variants.stream()
            .filter(variant -> of(variant).contains(name))
            .map(Variants::nameOf)
            .collect(Collectors.joining(", "));
    if (!others.isEmpty()) {
      return "is a key of type %s and not of %s; allowed are %s"
          .formatted(others, Variants.nameOf(type), String.join(", ", of(type)));
    }
    return nearest(name, of(type))
        .map(near -> "is not a known key; did you mean " + near + "?")
        .orElse("is not a known key; allowed are " + String.join(", ", of(type)));
  }

  private static Optional<String> nearest(String name, List<String> allowed) {
    return allowed.stream()
        .filter(candidate -> distance(name, candidate) <= tolerance(candidate))
        .min(Comparator.comparingInt(candidate -> distance(name, candidate)));
  }

  /** Two, so that swapped letters are found, but not in a word of three. */
  private static int tolerance(String candidate) {
    return candidate.length() <= 3 ? 1 : Math.max(2, candidate.length() / 3);
  }

  /** Levenshtein's distance, upper and lower case taken as the same. */
  private static int distance(String left, String right) {
    String a = left.toLowerCase(Locale.ROOT);
    String b = right.toLowerCase(Locale.ROOT);
    int[] row = new int[b.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replace, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}

package io.millrace.server.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Groups whose keys depend on their {@code type}: a sealed interface with a record for each type,
 * named as the type is. The first one needs no keys: it stands in when the type is not known.
 */
final class Variants {
  static final String TYPE = "type";

  private Variants() {}

  static boolean isFamily(Class<?> type) {
    return type.isInterface() && type.isSealed();
  }

  static List<Class<?>> of(Class<?> family) {
    return Arrays.asList(family.getPermittedSubclasses());
  }

  /** The family that a record belongs to. */
  static Optional<Class<?>> familyOf(Class<?> variant) {
    return Arrays.stream(variant.getInterfaces())
        .filter(each -> isFamily(each) && of(each).contains(variant))
        .findFirst();
  }

  static String nameOf(Class<?> variant) {
    return variant.getSimpleName().toLowerCase(Locale.ROOT);
  }

  static Optional<Class<?>> named(Class<?> family, String name) {
    return of(family).stream().filter(each -> nameOf(each).equals(name)).findFirst();
  }

  static String names(Class<?> family) {
    return of(family).stream().map(Variants::nameOf).collect(Collectors.joining(", "));
  }
}

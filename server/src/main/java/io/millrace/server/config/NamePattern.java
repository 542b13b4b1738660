package io.millrace.server.config;

import java.util.List;

/**
 * Names of records, with {@code *} for any number of any characters. Matching takes no memory, and
 * time in proportion to the name.
 */
public final class NamePattern {
  private final List<String> parts;

  public NamePattern(String text) {
    this.parts = List.of(text.split("\\*", -1));
  }

  public boolean matches(String name) {
    String first = parts.get(0);
    if (parts.size() == 1) {
      return name.equals(first);
    }
    String last = parts.get(parts.size() - 1);
    int end = name.length() - last.length();
    if (!name.startsWith(first) || first.length() > end || !name.endsWith(last)) {
      return false;
    }
    int from = first.length();
    for (String part : parts.subList(1, parts.size() - 1)) {
      int found = name.indexOf(part, from);
      if (found < 0 || found + part.length() > end) {
        return false;
      }
      from = found + part.length();
    }
    return true;
  }
}

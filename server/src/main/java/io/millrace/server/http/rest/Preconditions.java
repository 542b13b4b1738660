package io.millrace.server.http.rest;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a request says about the version that it is meant for (RFC 9110 §13.1). The entity tag of a
 * record is its version in quotes.
 */
record Preconditions(@Nullable Tags match, @Nullable Tags noneMatch) {
  private static final int MISSING = -1;

  /** Entity tags; tags that no version can have are left out. */
  record Tags(boolean any, Set<Integer> strong, Set<Integer> weak) {
    Tags {
      strong = Set.copyOf(strong);
      weak = Set.copyOf(weak);
    }
  }

  static Preconditions read(@Nullable String ifMatch, @Nullable String ifNoneMatch) {
    return new Preconditions(tags(ifMatch), tags(ifNoneMatch));
  }

  static String tag(int version) {
    return '"' + Integer.toString(version) + '"';
  }

  /** Whether a record with that version, -1 for a missing one, may be written. */
  boolean allowWrite(int version) {
    return matches(version) && !isKnown(version);
  }

  /** Whether If-Match holds, or there is none. */
  boolean matches(int version) {
    return match == null || (version != MISSING && (match.any || match.strong.contains(version)));
  }

  /** Whether If-None-Match names the version: the caller has it, or does not want it to be. */
  boolean isKnown(int version) {
    return noneMatch != null
        && version != MISSING
        && (noneMatch.any
            || noneMatch.strong.contains(version)
            || noneMatch.weak.contains(version));
  }

  /** Whether anything is said at all. */
  boolean isEmpty() {
    return match == null && noneMatch == null;
  }

  private static @Nullable Tags tags(@Nullable String header) {
    if (header == null) {
      return null;
    }
    Set<Integer> strong = new HashSet<>();
    Set<Integer> weak = new HashSet<>();
    boolean any = false;
    for (String part : header.split(",", -1)) {
      String tag = part.strip();
      any |= tag.equals("*");
      boolean isWeak = tag.startsWith("W/");
      String quoted = isWeak ? tag.substring(2) : tag;
      if (quoted.matches("\"(0|[1-9]\\d{0,8})\"")) {
        (isWeak ? weak : strong).add(Integer.parseInt(quoted.substring(1, quoted.length() - 1)));
      }
    }
    return new Tags(any, strong, weak);
  }
}

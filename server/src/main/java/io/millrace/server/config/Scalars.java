package io.millrace.server.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Single values as people write them, read and written. */
final class Scalars {
  /** With the small numbers that Java writes as 1.0E-4. */
  private static final Pattern DECIMAL =
      Pattern.compile("-?\\d{1,9}(\\.\\d{1,17})?([eE]-?\\d{1,2})?");

  private static final Pattern DURATION = Pattern.compile("(\\d{1,12})(ms|s|m|h)");
  private static final Duration LONGEST = Duration.ofHours(8760);
  private static final Pattern SIZE = Pattern.compile("(\\d{1,18})(|KiB|MiB|GiB)");

  /** What is wrong with a value and what is allowed. */
  static final class NotAllowed extends Exception {
    private NotAllowed(String problem) {
      super(problem, null, false, false);
    }

    String problem() {
      return String.valueOf(getMessage());
    }
  }

  private Scalars() {}

  static int integer(String text) throws NotAllowed {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new NotAllowed(quote(text) + " is not a whole number (of at most 2147483647)");
    }
  }

  static double decimal(String text) throws NotAllowed {
    if (DECIMAL.matcher(text).matches()) {
      return Double.parseDouble(text);
    }
    throw new NotAllowed(quote(text) + " is not a number; write 0, 0.01 or 1");
  }

  static boolean bool(String text) throws NotAllowed {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new NotAllowed(quote(text) + " is not a switch; write true or false");
    };
  }

  static <E> E constant(String text, E[] constants) throws NotAllowed {
    for (E constant : constants) {
      if (write(constant).equals(text)) {
        return constant;
      }
    }
    throw new NotAllowed(
        "%s is not allowed; allowed: %s"
            .formatted(
                quote(text),
                Arrays.stream(constants).map(Scalars::write).collect(Collectors.joining(", "))));
  }

  static Duration duration(String text) throws NotAllowed {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new NotAllowed(quote(text) + " is not a duration; write 500ms, 30s, 5m or 2h");
    }
    long amount = Long.parseLong(matcher.group(1));
    Duration duration =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          default -> Duration.ofHours(amount);
        };
    if (duration.compareTo(LONGEST) > 0) {
      throw new NotAllowed(quote(text) + " is too long; at most " + write(LONGEST));
    }
    return duration;
  }

  static DataSize size(String text) throws NotAllowed {
    Matcher matcher = SIZE.matcher(text);
    if (matcher.matches()) {
      try {
        return new DataSize(
            Math.multiplyExact(Long.parseLong(matcher.group(1)), unit(matcher.group(2))));
      } catch (ArithmeticException e) {
        throw new NotAllowed(quote(text) + " is too large");
      }
    }
    throw new NotAllowed(quote(text) + " is not a size; write 1048576, 512KiB, 1MiB or 2GiB");
  }

  /** A file's name may be relative; then it is so to the folder. */
  static Path file(Path folder, String text) throws NotAllowed {
    try {
      return folder.resolve(text).normalize();
    } catch (InvalidPathException e) {
      throw new NotAllowed(quote(text) + " is not the name of a file");
    }
  }

  private static long unit(String name) {
    return switch (name) {
      case "KiB" -> 1L << 10;
      case "MiB" -> 1L << 20;
      case "GiB" -> 1L << 30;
      default -> 1;
    };
  }

  /** The text that reads back as the same value. */
  static String write(Object value) {
    return switch (value) {
      case Duration duration -> write(duration);
      case DataSize size -> write(size);
      case Enum<?> constant -> constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
      default -> value.toString();
    };
  }

  private static String write(Duration duration) {
    if (duration.toMillisPart() != 0) {
      return duration.toMillis() + "ms";
    }
    if (duration.isZero() || duration.toSecondsPart() != 0) {
      return duration.toSeconds() + "s";
    }
    return duration.toMinutesPart() != 0 ? duration.toMinutes() + "m" : duration.toHours() + "h";
  }

  private static String write(DataSize size) {
    for (String unit : new String[] {"GiB", "MiB", "KiB"}) {
      if (size.bytes() > 0 && size.bytes() % unit(unit) == 0) {
        return size.bytes() / unit(unit) + unit;
      }
    }
    return Long.toString(size.bytes());
  }

  static String quote(String text) {
    String oneLine = text.replaceAll("\\p{Cntrl}", " ");
    return '"' + (oneLine.length() > 60 ? oneLine.substring(0, 60) + "..." : oneLine) + '"';
  }
}

package io.millrace.server.config;

import io.millrace.server.config.ConfigNode.Mapping;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;

/** What a record says about its own values; components are named as keys below the record's. */
final class Checks {
  /** Netty and the JDK hold one message in one buffer. */
  private static final DataSize LARGEST_MESSAGE = new DataSize(1L << 30);

  private final String key;
  private final Mapping node;
  private final Faults faults;

  Checks(String key, Mapping node, Faults faults) {
    this.key = key;
    this.node = node;
    this.faults = faults;
  }

  void reject(String component, String problem) {
    faults.add(node.lineOf(component), Keys.child(key, component), problem);
  }

  void require(boolean good, String component, String problem) {
    if (!good) {
      reject(component, problem);
    }
  }

  void between(String component, long value, long min, long max) {
    require(
        value >= min && value <= max,
        component,
        "%d is out of range; allowed are %d to %d".formatted(value, min, max));
  }

  void atLeast(String component, long value, long min) {
    require(value >= min, component, "%d is too small; at least %d".formatted(value, min));
  }

  void positive(String component, Duration value) {
    require(value.isPositive(), component, "must be longer than " + Scalars.write(value));
  }

  /** A size of something that is held in one piece: from 1 byte to 1GiB. */
  void messageSize(String component, DataSize value) {
    require(
        value.bytes() > 0 && value.bytes() <= LARGEST_MESSAGE.bytes(),
        component,
        "%s is out of range; allowed are 1 to %s"
            .formatted(Scalars.write(value), Scalars.write(LARGEST_MESSAGE)));
  }

  void notEmpty(String component, List<?> list) {
    require(!list.isEmpty(), component, "must have at least one entry");
  }

  void unique(String component, String what, List<String> values) {
    var seen = new HashSet<String>();
    for (String value : values) {
      require(
          value.isEmpty() || seen.add(value),
          component,
          "two entries have the %s %s".formatted(what, Scalars.quote(value)));
    }
  }

  /** Without the value in the fault: it may hold a password. */
  void httpUrl(String component, String value) {
    boolean good;
    try {
      URI uri = new URI(value);
      good =
          uri.getHost() != null
              && ("http".equalsIgnoreCase(uri.getScheme())
                  || "https".equalsIgnoreCase(uri.getScheme()));
    } catch (URISyntaxException e) {
      good = false;
    }
    require(good, component, "is not a URL; write for example https://login.example.com/check");
  }

  void path(String component, String value) {
    require(
        value.matches("/[^\\s?#{}*]*"),
        component,
        Scalars.quote(value) + " is not a path; write for example /api");
  }
}

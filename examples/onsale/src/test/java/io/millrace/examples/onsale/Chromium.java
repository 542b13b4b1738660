package io.millrace.examples.onsale;

import static org.assertj.core.api.Assertions.fail;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Where this machine has a browser. */
final class Chromium {
  private static final String HOW =
      "NO CHROMIUM: the seat map was not tested in a browser. Install it (Debian: apt-get install"
          + " chromium) or name one in the environment variable CHROMIUM.";

  private Chromium() {}

  /** The browser; without one, CI fails and everybody else skips the test. */
  static Path require() {
    Optional<Path> found =
        Stream.of(
                Optional.ofNullable(System.getenv("CHROMIUM")).orElse(""),
                "/usr/bin/chromium",
                "/usr/bin/chromium-browser",
                "/usr/bin/google-chrome",
                "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
            .filter(name -> !name.isEmpty())
            .map(Path::of)
            .filter(Files::isExecutable)
            .findFirst();
    if (found.isEmpty()) {
      if (System.getenv("CI") != null) {
        fail(HOW);
      }
      System.err.println(HOW);
      Assumptions.abort(HOW);
    }
    return found.orElseThrow();
  }
}

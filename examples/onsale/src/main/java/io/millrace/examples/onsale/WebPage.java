package io.millrace.examples.onsale;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;

/** The seat map: TypeScript in {@code web/}, built with npm into {@code web/dist}. */
final class WebPage {
  private static final int LINES_OF_A_FAULT = 15;

  private final Path folder;

  private WebPage(Path folder) {
    this.folder = folder;
  }

  /** The page beside the code that is running: {@code target/} is the neighbour of {@code web/}. */
  static WebPage ofThisCheckout() {
    try {
      Path code =
          Path.of(WebPage.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return new WebPage(code.resolve("../../web").normalize());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("this code comes from nowhere", e);
    }
  }

  /** Where the page's sources are. */
  Path folder() {
    return folder;
  }

  /** What the server has to serve. */
  Path built() {
    return folder.resolve("dist");
  }

  /** Whether there is a build that is newer than all it was built from. */
  boolean isBuilt() throws IOException {
    Path index = built().resolve("index.html");
    return Files.exists(index) && newestSource().compareTo(Files.getLastModifiedTime(index)) <= 0;
  }

  /**
   * Fetches the page's packages if need be, and builds it; takes some seconds.
   *
   * @throws BuildFault with a text that says what to do
   */
  void build() throws BuildFault, IOException, InterruptedException {
    if (!Files.isDirectory(folder)) {
      throw new BuildFault("There is no " + folder + "; run the demo in a checkout.");
    }
    install();
    npm("run", "build");
  }

  /** Fetches the page's packages unless those of the lock file are there. */
  void install() throws BuildFault, IOException, InterruptedException {
    Path installed = folder.resolve("node_modules/.package-lock.json");
    Path wanted = folder.resolve("package-lock.json");
    if (!Files.exists(installed)
        || Files.getLastModifiedTime(installed).compareTo(Files.getLastModifiedTime(wanted)) < 0) {
      npm("ci", "--no-audit", "--no-fund");
    }
  }

  private FileTime newestSource() throws IOException {
    FileTime newest = FileTime.fromMillis(0);
    try (Stream<Path> top = Files.list(folder);
        Stream<Path> sources = Files.walk(folder.resolve("src"))) {
      for (Path file : Stream.concat(top, sources).filter(Files::isRegularFile).toList()) {
        FileTime changed = Files.getLastModifiedTime(file);
        if (changed.compareTo(newest) > 0) {
          newest = changed;
        }
      }
    }
    return newest;
  }

  private void npm(String... arguments) throws BuildFault, IOException, InterruptedException {
    Path log = Files.createTempFile("millrace-npm-", ".log");
    try {
      int exitCode = start(log, arguments).waitFor();
      if (exitCode != 0) {
        throw new BuildFault(
            "npm " + String.join(" ", arguments) + " ended with " + exitCode + ":\n" + tail(log));
      }
    } finally {
      Files.deleteIfExists(log);
    }
  }

  private Process start(Path log, String... arguments) throws BuildFault {
    List<String> command = Stream.concat(Stream.of("npm"), Stream.of(arguments)).toList();
    try {
      return new ProcessBuilder(command)
          .directory(folder.toFile())
          .redirectErrorStream(true)
          .redirectOutput(log.toFile())
          .start();
    } catch (IOException e) {
      throw new BuildFault(
          "npm was not found. The page needs Node.js 20 or newer with npm: install it, or run the"
              + " demo with --headless.");
    }
  }

  private static String tail(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    int from = Math.max(0, lines.size() - LINES_OF_A_FAULT);
    return String.join("\n", lines.subList(from, lines.size()));
  }

  /** Why there is no page. */
  static final class BuildFault extends Exception {
    private static final long serialVersionUID = 1L;

    BuildFault(String message) {
      super(message);
    }
  }
}

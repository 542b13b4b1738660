package io.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs the conformance suite of {@code src/test/node} against a server: the npm client, not a copy
 * of it, decides whether we speak its protocol. Installs the locked packages first when they are
 * missing or older than the lock file. What node prints goes to standard output as it comes.
 */
public final class NodeSuite {
  private static final Path FOLDER =
      Path.of(System.getProperty("basedir", ""), "src", "test", "node").toAbsolutePath();
  private static final Duration INSTALL_TIME = Duration.ofMinutes(5);
  private static final Duration RUN_TIME = Duration.ofMinutes(10);
  private static final int OLDEST_NODE = 20;

  private NodeSuite() {}

  /**
   * Runs the test files whose names start with one of the prefixes.
   *
   * @throws AssertionError naming every failed test
   */
  public static void run(String urls, String... prefixes) throws IOException, InterruptedException {
    run(urls, Map.of(), prefixes);
  }

  /** As {@link #run(String, String...)}, with more variables for the tests to read. */
  public static void run(String urls, Map<String, String> variables, String... prefixes)
      throws IOException, InterruptedException {
    requireNode();
    install();
    List<String> files = testFiles(prefixes);
    Path failures = Files.createTempFile("millrace-node-failures", ".txt");
    try {
      List<String> command = new ArrayList<>(List.of("node", "--test"));
      command.addAll(List.of("--test-reporter=spec", "--test-reporter-destination=stdout"));
      command.addAll(List.of("--test-reporter=./lib/failures.mjs"));
      command.add("--test-reporter-destination=" + failures);
      command.addAll(files);
      Map<String, String> environment = new HashMap<>(variables);
      environment.put("MILLRACE_URL", urls);
      int exit = echo(command, environment, RUN_TIME);
      assertThat(Files.readAllLines(failures)).as("failed node tests").isEmpty();
      assertThat(exit).as("exit code of node --test").isZero();
    } finally {
      Files.deleteIfExists(failures);
    }
  }

  /** A file of the suite. */
  static Path file(String name) {
    return FOLDER.resolve(name);
  }

  private static void requireNode() throws IOException, InterruptedException {
    String version;
    try {
      Process node = new ProcessBuilder("node", "--version").start();
      version = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      node.waitFor();
    } catch (IOException e) {
      version = "none";
    }
    Matcher major = Pattern.compile("v(\\d+)\\..*").matcher(version);
    if (!major.matches() || Integer.parseInt(major.group(1)) < OLDEST_NODE) {
      fail(
          "This test runs the npm client and needs Node.js "
              + OLDEST_NODE
              + " or newer as `node` on the PATH, with npm; found: "
              + version);
    }
  }

  /** Of the JVMs that run tests at once, one installs, and the others wait for it. */
  private static synchronized void install() throws IOException, InterruptedException {
    Path target = Path.of(System.getProperty("basedir", ""), "target");
    Files.createDirectories(target);
    try (FileChannel channel =
            FileChannel.open(
                target.resolve("npm-install.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock held = channel.lock()) {
      assertThat(held.isValid()).isTrue();
      installOnce();
    }
  }

  private static void installOnce() throws IOException, InterruptedException {
    Path lock = FOLDER.resolve("package-lock.json");
    // npm writes this file last and only when all packages are in place.
    Path installed = FOLDER.resolve("node_modules").resolve(".package-lock.json");
    if (Files.exists(installed) && !modified(installed).isBefore(modified(lock))) {
      return;
    }
    System.out.println("Installing the npm client (npm ci in " + FOLDER.getFileName() + ") ...");
    int exit = echo(List.of("npm", "ci", "--ignore-scripts", "--no-fund"), Map.of(), INSTALL_TIME);
    assertThat(exit).as("exit code of npm ci in " + FOLDER).isZero();
    Files.setLastModifiedTime(installed, FileTime.from(modified(lock)));
  }

  private static Instant modified(Path file) throws IOException {
    return Files.getLastModifiedTime(file).toInstant();
  }

  private static List<String> testFiles(String... prefixes) throws IOException {
    try (Stream<Path> entries = Files.list(FOLDER)) {
      List<String> files =
          entries
              .map(entry -> entry.getFileName().toString())
              .filter(name -> name.endsWith(".test.mjs"))
              .filter(name -> Stream.of(prefixes).anyMatch(name::startsWith))
              .sorted()
              .toList();
      assertThat(files).as("test files in " + FOLDER).isNotEmpty();
      return files;
    }
  }

  /** Runs a command in the suite's folder and prints what it prints; answers its exit code. */
  private static int echo(List<String> command, Map<String, String> environment, Duration limit)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(FOLDER.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    Thread printer = Thread.ofVirtual().start(() -> print(process.getInputStream()));
    try {
      if (!process.waitFor(limit.toSeconds(), TimeUnit.SECONDS)) {
        fail(command.getFirst() + " took longer than " + limit.toMinutes() + " minutes");
      }
      printer.join();
      return process.exitValue();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static void print(InputStream output) {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(output, StandardCharsets.UTF_8))) {
      lines.lines().forEach(System.out::println);
    } catch (IOException | UncheckedIOException e) {
      System.out.println("(the output ends here: " + e.getMessage() + ")");
    }
  }
}

package io.millrace.benchmarks.server;

import io.millrace.benchmarks.client.LoadException;
import io.millrace.server.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A server in a process of its own, on a free port of the loopback interface, with the JVM and the
 * JVM options that this program runs with: those of {@code bin/millrace start}. Its data lies in a
 * temporary folder.
 */
public final class ChildServer implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("listens on http://127\\.0\\.0\\.1:(\\d+)");
  private static final long STOP_SECONDS = 30;

  private final Process process;
  private final Path folder;
  private final Thread stopAtExit = new Thread(this::stop);
  private final int port;

  private ChildServer(Process process, Path folder) throws IOException {
    this.process = process;
    this.folder = folder;
    Runtime.getRuntime().addShutdownHook(stopAtExit);
    this.port = awaitReady();
  }

  /**
   * Starts one, and returns when clients can log in.
   *
   * @param storage a {@code storage.type} of the configuration
   * @param jvmOptions come after the common ones
   * @param more goes into the configuration as it is
   */
  public static ChildServer start(String storage, List<String> jvmOptions, String more)
      throws IOException {
    Path folder = Files.createTempDirectory("millrace-bench");
    Path config =
        Files.writeString(
            folder.resolve("millrace.yml"),
            "server: { host: 127.0.0.1, port: 0 }\nstorage: { type: %s }\n".formatted(storage)
                + more);
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of("start", "--config", config.toString()));
    return new ChildServer(
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start(),
        folder);
  }

  /** The server as a target. */
  public Target target() {
    return new Target("127.0.0.1", port, "/deepstream", OptionalLong.of(process.pid()));
  }

  private int awaitReady() throws IOException {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        Matcher ready = READY.matcher(line);
        if (ready.find()) {
          return Integer.parseInt(ready.group(1));
        }
      }
    }
    close();
    throw new LoadException("the server did not start");
  }

  /** Stops the server and removes its data. */
  @Override
  public void close() throws IOException {
    Runtime.getRuntime().removeShutdownHook(stopAtExit);
    stop();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private void stop() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}

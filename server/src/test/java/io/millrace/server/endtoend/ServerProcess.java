package io.millrace.server.endtoend;

import io.millrace.server.Main;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * {@code millrace start} in a process of its own, to be killed. What it says is also kept in a file
 * beside its configuration.
 */
public final class ServerProcess implements AutoCloseable {
  private static final int LINES_KEPT = 30;

  private final Process process;
  private final BufferedWriter log;
  private int port;

  /** What it said last, for the message of a failed start. */
  private final Deque<String> said = new ConcurrentLinkedDeque<>();

  private ServerProcess(Process process, BufferedWriter log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Returns when clients can log in.
   *
   * @param jvmOptions more of them
   */
  public static ServerProcess start(Path config, String... jvmOptions) throws IOException {
    Path directory = Objects.requireNonNull(config.toAbsolutePath().getParent());
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of("..", "conf", "jvm.options").toAbsolutePath(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                // SQLite's driver unpacks its library there; a killed process leaves it behind.
                "-Dorg.sqlite.tmpdir=" + directory,
                "-cp",
                System.getProperty("java.class.path")));
    command.addAll(List.of(jvmOptions));
    command.addAll(List.of(Main.class.getName(), "start", "--config", config.toString()));
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    // Else it would outlive a test run that is broken off.
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    ServerProcess server =
        new ServerProcess(
            process,
            Files.newBufferedWriter(
                Path.of(config + ".log"), StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      server.heard(line);
      if (line.startsWith("Millrace ") && line.endsWith("ready")) {
        server.port = Integer.parseInt(line.replaceAll(".*http://[^ ]*:(\\d+),.*", "$1"));
        Thread.ofPlatform().daemon().start(() -> server.listen(output));
        return server;
      }
    }
    throw new IOException("the server did not start:\n" + server.lastWords());
  }

  int port() {
    return port;
  }

  public long pid() {
    return process.pid();
  }

  /** Where clients connect. */
  URI uri() {
    return URI.create("ws://127.0.0.1:" + port + "/deepstream");
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Its last lines. */
  public String lastWords() {
    return String.join("\n", said);
  }

  private void listen(BufferedReader output) {
    try (output) {
      output.lines().forEach(this::heard);
    } catch (IOException | java.io.UncheckedIOException e) {
      heard("(" + e.getMessage() + ")");
    }
  }

  private void heard(String line) {
    keep(line);
    said.add(line);
    if (said.size() > LINES_KEPT) {
      said.poll();
    }
  }

  private void keep(String line) {
    try {
      log.write(line);
      log.newLine();
      log.flush();
    } catch (IOException e) {
      // The test's folder is gone; there are still the last lines.
    }
  }

  /**
   * SIGTERM.
   *
   * @return its exit code, empty if it had to be killed because it took longer than that
   */
  public OptionalInt stop(Duration patience) {
    process.toHandle().destroy();
    return awaitEnd(patience);
  }

  /**
   * Waits for its end.
   *
   * @return its exit code, empty if it had to be killed because it took longer than that
   */
  public OptionalInt awaitEnd(Duration patience) {
    try {
      return OptionalInt.of(
          process.onExit().get(patience.toMillis(), TimeUnit.MILLISECONDS).exitValue());
    } catch (TimeoutException e) {
      kill();
      return OptionalInt.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** SIGKILL; returns when it is gone. */
  public void kill() {
    process.toHandle().destroyForcibly();
    process.onExit().join();
  }

  @Override
  public void close() {
    kill();
  }
}

package io.millrace.server.storage;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Another process that saves batch after batch and says so after each. Batch n is {@link #ROWS}
 * records named {@code n/0}, {@code n/1}, ... and one that is in every batch, as version n.
 */
final class StorageProcess implements AutoCloseable {
  static final int ROWS = 5;
  static final String IN_EVERY_BATCH = "every";

  private static final String SAVED = "saved ";
  private static final String REFUSED = "refused ";

  private final Process process;
  private final BufferedReader output;

  private StorageProcess(Process process) {
    this.process = process;
    output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  static StorageProcess start(Path file) throws IOException {
    return new StorageProcess(
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                // The driver unpacks its library there, and a killed process leaves it behind.
                "-Dorg.sqlite.tmpdir=" + file.toAbsolutePath().getParent(),
                "-cp",
                System.getProperty("java.class.path"),
                StorageProcess.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  /** Waits until it has saved one more batch and returns the number of that batch. */
  int nextSaved() throws IOException {
    return Integer.parseInt(next(SAVED));
  }

  /** Waits until it gives up opening the file and returns why. */
  String refusal() throws IOException {
    return next(REFUSED);
  }

  /** The next line of this kind; its log is in between. */
  private String next(String kind) throws IOException {
    String line = output.readLine();
    while (line != null && !line.startsWith(kind)) {
      line = output.readLine();
    }
    if (line == null) {
      throw new IOException("the process ended early");
    }
    return line.substring(kind.length());
  }

  /** Kills it (SIGKILL) and returns the batches that it had reported until then. */
  List<Integer> kill() {
    // By its handle: Process.destroyForcibly would throw away what was printed and not yet read.
    if (!process.toHandle().destroyForcibly()) {
      throw new IllegalStateException("the process could not be killed");
    }
    List<Integer> rest =
        output
            .lines()
            .filter(line -> line.startsWith(SAVED))
            .map(line -> Integer.valueOf(line.substring(SAVED.length())))
            .toList();
    process.onExit().join();
    return rest;
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  /** The other process. */
  public static void main(String[] arguments) {
    try (JdbcStorage storage = Sqlite.open(Path.of(arguments[0]))) {
      int first =
          storage.load(RecordStorageContract.name(IN_EVERY_BATCH)).map(r -> r.version()).orElse(0);
      // Printing fails when the parent is gone.
      for (int batch = first + 1; !System.out.checkError(); batch++) {
        int number = batch;
        storage.save(
            IntStream.rangeClosed(0, ROWS)
                .mapToObj(
                    row ->
                        RecordStorageContract.record(
                            row == ROWS ? IN_EVERY_BATCH : number + "/" + row, 1, number))
                .toList());
        storage.save(Map.of("g/t/0", (long) number));
        System.out.println(SAVED + number);
      }
    } catch (IllegalStateException e) {
      System.out.println(REFUSED + e.getMessage());
    }
  }
}

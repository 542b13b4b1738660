package io.millrace.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A real PostgreSQL on loopback, up within a second, that a test stops, kills, freezes and starts
 * again on the same data and port. Its programs come from a jar (see {@link PostgresPrograms});
 * nothing has to be installed. It refuses to run as root, so for root it runs as nobody.
 *
 * <p>It does not sync to the disk: what it committed survives its own end however that comes, but
 * not the machine's. Not for data anyone wants to keep. Stops with the JVM unless that is killed.
 * Not thread-safe but for {@link #newDatabase()}.
 */
public final class EmbeddedPostgres implements AutoCloseable {
  private static final String USER = "millrace";
  private static final String PASSWORD = "no secret";
  private static final int START_SECONDS = 60;

  private final AtomicInteger databases = new AtomicInteger();
  private final PostgresPrograms programs;
  private final Path folder;
  private final int port;
  private final Thread stopWithTheJvm = new Thread(this::stopAtOnce, "stop PostgreSQL");

  private EmbeddedPostgres(PostgresPrograms programs, Path folder, int port) {
    this.programs = programs;
    this.folder = folder;
    this.port = port;
  }

  /** Starts a server on a free port, with a temporary folder that goes away on close. */
  public static EmbeddedPostgres start() {
    PostgresPrograms programs = PostgresPrograms.unpacked();
    try {
      Path folder = Files.createTempDirectory("millrace-postgres-");
      programs.give(folder);
      EmbeddedPostgres postgres = new EmbeddedPostgres(programs, folder, EmbeddedKafka.freePort());
      try {
        postgres.create();
        postgres.startAgain();
        Runtime.getRuntime().addShutdownHook(postgres.stopWithTheJvm);
        return postgres;
      } catch (RuntimeException e) {
        postgres.delete();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void create() throws IOException {
    Path password = Files.writeString(folder.resolve("password"), PASSWORD);
    Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-r--r--"));
    programs.run(
        "initdb",
        List.of(
            "--pgdata=" + data(),
            "--username=" + USER,
            "--pwfile=" + password,
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync"));
    String settings =
        """
        listen_addresses = '127.0.0.1'
        port = %d
        unix_socket_directories = ''
        fsync = off
        shared_buffers = 16MB
        dynamic_shared_memory_type = mmap
        max_connections = 200
        """
            .formatted(port);
    // Appending keeps the owner of the file.
    Files.writeString(data().resolve("postgresql.conf"), settings, StandardOpenOption.APPEND);
  }

  /** Starts it on the data and port that it had. Returns when it takes connections. */
  public void startAgain() {
    programs.run(
        "pg_ctl",
        List.of(
            "start",
            "--wait",
            "--silent",
            "--timeout=" + START_SECONDS,
            "--pgdata=" + data(),
            "--log=" + folder.resolve("log/postgres.log")));
  }

  /** Ends it in good order: open transactions are rolled back and clients are cut off. */
  public void stop() {
    programs.run("pg_ctl", List.of("stop", "--mode=fast", "--silent", "--pgdata=" + data()));
  }

  /** Ends all of its processes with SIGKILL; returns when they are gone. */
  public void kill() {
    List<ProcessHandle> processes = processes();
    processes.forEach(ProcessHandle::destroyForcibly);
    CompletableFuture.allOf(
            processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new))
        .orTimeout(START_SECONDS, TimeUnit.SECONDS)
        .join();
  }

  /** Stops all of its processes where they are (SIGSTOP): connections stay and nobody answers. */
  public void freeze() {
    signal("STOP");
  }

  /** Ends {@link #freeze()}. */
  public void thaw() {
    signal("CONT");
  }

  private void signal(String signal) {
    List<String> pids = processes().stream().map(process -> Long.toString(process.pid())).toList();
    PostgresPrograms.execute(List.of("sh", "-c", "kill -" + signal + " " + String.join(" ", pids)));
  }

  /** The postmaster first, so that it starts no others meanwhile. */
  private List<ProcessHandle> processes() {
    try (Stream<String> lines = Files.lines(data().resolve("postmaster.pid"))) {
      ProcessHandle postmaster =
          ProcessHandle.of(Long.parseLong(lines.findFirst().orElseThrow())).orElseThrow();
      List<ProcessHandle> all = new ArrayList<>(List.of(postmaster));
      postmaster.descendants().forEach(all::add);
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException("PostgreSQL does not run", e);
    }
  }

  /** The JDBC URL of a database, without user and password. */
  public String url() {
    return url("postgres");
  }

  /** Creates an empty database and returns its JDBC URL. The driver is the caller's to have. */
  public String newDatabase() {
    String name = "test_" + databases.incrementAndGet();
    try (Connection connection = DriverManager.getConnection(url(), USER, PASSWORD);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + name);
    } catch (SQLException e) {
      throw new IllegalStateException("cannot create a database", e);
    }
    return url(name);
  }

  private String url(String database) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
  }

  public int port() {
    return port;
  }

  /** A superuser. */
  public String user() {
    return USER;
  }

  public String password() {
    return PASSWORD;
  }

  /** What the server has logged so far. */
  public String log() {
    try {
      return Files.readString(folder.resolve("log/postgres.log"), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path data() {
    return folder.resolve("data");
  }

  /** Ends it if it runs and deletes its data. */
  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(stopWithTheJvm);
    stopAtOnce();
  }

  private void stopAtOnce() {
    if (Files.exists(data().resolve("postmaster.pid"), LinkOption.NOFOLLOW_LINKS)) {
      try {
        kill();
      } catch (RuntimeException e) {
        // It was not running: a killed server leaves its file.
      }
    }
    delete();
  }

  private void delete() {
    try {
      PostgresPrograms.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

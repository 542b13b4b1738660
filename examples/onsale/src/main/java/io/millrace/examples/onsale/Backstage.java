package io.millrace.examples.onsale;

import io.millrace.server.Assembly;
import io.millrace.server.config.ConfigLoader;
import io.millrace.server.config.MillraceConfig;
import io.millrace.testkit.EmbeddedKafka;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the audience does not see: a Kafka broker and a server that follows its topic, both on
 * loopback in this JVM, with a database in a temporary folder. All of it goes away on close.
 */
final class Backstage implements AutoCloseable {
  private static final int PARTITIONS = 12;

  private final EmbeddedKafka kafka;
  private final Path data;
  private @Nullable Assembly server;

  private Backstage(EmbeddedKafka kafka, Path data) {
    this.kafka = kafka;
    this.data = data;
  }

  /** Starts the broker and creates the topic; takes some seconds. */
  static Backstage openKafka() throws IOException {
    Path data = Files.createTempDirectory("millrace-demo-");
    Backstage backstage = new Backstage(EmbeddedKafka.start(), data);
    try {
      backstage.kafka.createTopic(SeatMessages.TOPIC, PARTITIONS);
      return backstage;
    } catch (RuntimeException e) {
      backstage.close();
      throw e;
    }
  }

  /**
   * Starts the server; when this returns, clients can log in.
   *
   * @param port 0: a free one
   * @param page the built page, served at {@code /}
   * @return the port it listens on
   */
  int openServer(int port, Optional<Path> page) {
    Assembly started = Assembly.start(configuration(port), page);
    server = started;
    return started.port();
  }

  /** Stops the server; what it stored is there when it is opened again. */
  void closeServer() {
    Assembly running = server;
    server = null;
    if (running != null) {
      running.close();
    }
  }

  String bootstrapServers() {
    return kafka.bootstrapServers();
  }

  private MillraceConfig configuration(int port) {
    return ConfigLoader.parse(
        """
        server: { name: on-sale, host: 127.0.0.1, port: %d }
        storage: { type: sqlite, path: '%s' }
        kafka:
          bootstrapServers: %s
          sources:
            - name: seats
              topics: [%s]
              record: venue/{key}
              operation: '{header.op}'
              path: seats.{payload.seat}
              data: payload.state
        """
            .formatted(
                port,
                data.resolve("millrace.db").toString().replace("'", "''"),
                kafka.bootstrapServers(),
                SeatMessages.TOPIC));
  }

  @Override
  public void close() {
    try (kafka) {
      closeServer();
    } finally {
      delete(data);
    }
  }

  private static void delete(Path folder) {
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException fault)
                throws IOException {
              Files.delete(visited);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package io.millrace.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A real schema registry on loopback in a process of its own: Apicurio, with Confluent's REST API.
 * It is up after some 4 seconds and keeps everything in memory: what is started again knows
 * nothing, and counts its ids from 1. Stops with the JVM unless that is killed. Not thread-safe.
 *
 * <p>The build unpacks its programs into {@code target/schema-registry} of the module before the
 * integration tests; the system property {@code millrace.schemaRegistry} may name another folder.
 */
public final class EmbeddedSchemaRegistry implements AutoCloseable {
  private static final int START_SECONDS = 120;
  private static final String PROGRAM = "*-runner.jar";

  /** A schema that another one uses by {@code name}. */
  public record Reference(String name, String subject, int version) {}

  private final HttpClient client = HttpClient.newHttpClient();
  private final Path program;
  private final Path log;
  private final int port = EmbeddedKafka.freePort();
  private final Thread stopWithTheJvm = new Thread(this::kill, "stop the schema registry");
  private @Nullable Process process;

  private EmbeddedSchemaRegistry(Path program, Path log) {
    this.program = program;
    this.log = log;
  }

  /** One that does not run yet, on a free port. */
  public static EmbeddedSchemaRegistry create() {
    Path folder = Path.of(System.getProperty("millrace.schemaRegistry", "target/schema-registry"));
    try (DirectoryStream<Path> programs = Files.newDirectoryStream(folder, PROGRAM)) {
      Path log = Files.createTempFile("millrace-schema-registry-", ".log");
      EmbeddedSchemaRegistry registry =
          new EmbeddedSchemaRegistry(programs.iterator().next().toAbsolutePath(), log);
      Runtime.getRuntime().addShutdownHook(registry.stopWithTheJvm);
      return registry;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "no schema registry in %s: run mvn pre-integration-test once".formatted(folder), e);
    }
  }

  /** Starts it, without any schema. Returns when it answers. */
  public void start() {
    try {
      process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx256m",
                  // It does not live long enough for more to pay.
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-Dquarkus.http.host=127.0.0.1",
                  "-Dquarkus.http.port=" + port,
                  "-jar",
                  program.toString())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    awaitAnswer();
  }

  private void awaitAnswer() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    HttpRequest question =
        HttpRequest.newBuilder(URI.create(url() + "/subjects"))
            .timeout(Duration.ofSeconds(5))
            .build();
    while (true) {
      try {
        if (client.send(question, BodyHandlers.discarding()).statusCode() == 200) {
          return;
        }
      } catch (IOException e) {
        // Not yet.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
      if (System.nanoTime() > end || process == null || !process.isAlive()) {
        kill();
        throw new IllegalStateException("the schema registry does not start:\n" + log());
      }
      pause();
    }
  }

  private void pause() {
    try {
      if (process != null) {
        process.waitFor(100, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The address of Confluent's API, the same whenever it is started. */
  public String url() {
    return "http://127.0.0.1:" + port + "/apis/ccompat/v7";
  }

  /**
   * Registers a schema as the subject's next version, whatever it has to do with the ones before.
   *
   * @param type AVRO, PROTOBUF or JSON
   * @return its id
   */
  public int register(String subject, String type, String schema, Reference... references) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("schemaType", type).put("schema", schema);
    for (Reference each : references) {
      body.withArray("references")
          .addObject()
          .put("name", each.name)
          .put("subject", each.subject)
          .put("version", each.version);
    }
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url() + "/subjects/" + subject + "/versions"))
            .header("content-type", "application/vnd.schemaregistry.v1+json")
            .POST(BodyPublishers.ofString(Json.text(body).text()))
            .build();
    try {
      HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
      JsonNode id = Json.parse(response.body()).orElseThrow().path("id");
      if (response.statusCode() != 200 || !id.isInt()) {
        throw new IllegalStateException("not registered: " + response.body());
      }
      return id.asInt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Stops the process where it is (SIGSTOP): connections stay and nobody answers. */
  public void freeze() {
    signal("STOP");
  }

  /** Ends {@link #freeze()}. */
  public void thaw() {
    signal("CONT");
  }

  private void signal(String signal) {
    if (process != null) {
      PostgresPrograms.execute(List.of("sh", "-c", "kill -" + signal + " " + process.pid()));
    }
  }

  /** Ends its process with SIGKILL; returns when it is gone. */
  public void kill() {
    if (process != null) {
      process.destroyForcibly().onExit().orTimeout(START_SECONDS, TimeUnit.SECONDS).join();
      process = null;
    }
  }

  /** What it has said since its start. */
  public String log() {
    try {
      return Files.readString(log, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(stopWithTheJvm);
    kill();
    client.shutdownNow();
    try {
      Files.deleteIfExists(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

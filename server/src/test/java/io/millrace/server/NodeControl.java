package io.millrace.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.protocol.value.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * What the node tests have the JVM do ({@code lib/control.mjs}): stop and start the server, answer
 * its login webhook, and write into its SQLite file behind its back. One request at a time, but for
 * the webhook, which the server asks while it starts or stops.
 */
final class NodeControl implements AutoCloseable {
  private final HttpServer http;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Path database;

  /** By user name or token: an object of status and body. */
  private final Map<String, JsonNode> logins = new ConcurrentHashMap<>();

  interface Step {
    void run(String name, String body) throws SQLException;
  }

  /**
   * @param database what the server stores in
   */
  NodeControl(Path database, Runnable stop, Runnable start) throws IOException {
    this.database = database;
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(threads);
    on("/stop", (name, body) -> stop.run());
    on("/start", (name, body) -> start.run());
    on("/login/", (name, body) -> logins.put(name, Json.parse(body).orElseThrow()));
    on("/store/", this::store);
    on("/unstore/", (name, body) -> execute("DELETE FROM records WHERE name = ?", name));
    http.createContext("/webhook", this::judge);
    http.start();
  }

  String url() {
    return "http://127.0.0.1:" + http.getAddress().getPort();
  }

  String webhook() {
    return url() + "/webhook";
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }

  private void on(String path, Step step) {
    http.createContext(path, exchange -> run(exchange, path, step));
  }

  private synchronized void run(HttpExchange exchange, String path, Step step) throws IOException {
    try (exchange) {
      try {
        step.run(exchange.getRequestURI().getPath().substring(path.length()), body(exchange));
        exchange.sendResponseHeaders(204, -1);
      } catch (RuntimeException | SQLException e) {
        exchange.sendResponseHeaders(500, -1);
        throw new IllegalStateException(e);
      }
    }
  }

  private void store(String name, String data) throws SQLException {
    execute(
        "INSERT INTO records (name, version, data) VALUES (?, 1, ?)"
            + " ON CONFLICT (name) DO UPDATE SET version = version + 1, data = excluded.data",
        name,
        data);
  }

  private void execute(String sql, String... parameters) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + database + "?busy_timeout=10000");
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      statement.executeUpdate();
    }
  }

  /** Lets everybody in by the name they give, unless it was told something else about them. */
  private void judge(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode data = Json.parse(body(exchange)).orElseThrow().path("authData");
      String name = data.path(data.has("token") ? "token" : "username").asText();
      JsonNode told = logins.get(name);
      String answer = told == null ? "\"" + name + "\"" : told.path("body").toString();
      byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(
          told == null ? 200 : told.path("status").intValue(), bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private static String body(HttpExchange exchange) throws IOException {
    return new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
  }
}

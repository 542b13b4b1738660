package io.millrace.server.http;

import io.vertx.core.http.HttpServerResponse;
import java.nio.file.Files;
import java.nio.file.Path;

/** Serves the files below a folder; {@code /} is its {@code index.html}. Nothing above it. */
public final class StaticFiles {
  private final Path root;

  public StaticFiles(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  /** Sends the file if there is one; false if there is none and nothing was sent. */
  boolean send(String path, HttpServerResponse response) {
    Path file = root.resolve(path.equals("/") ? "index.html" : path.substring(1)).normalize();
    if (!file.startsWith(root) || !Files.isRegularFile(file)) {
      return false;
    }
    response.sendFile(file.toString());
    return true;
  }
}

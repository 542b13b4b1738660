package io.millrace.server;

import io.millrace.server.config.MillraceConfig;

/** The composition root: builds every part, starts leaves first, stops in reverse order. */
public final class Assembly implements AutoCloseable {
  private final int port;

  private Assembly(int port) {
    this.port = port;
  }

  /** Starts a server; when it returns, clients can log in. */
  public static Assembly start(MillraceConfig config) {
    return new Assembly(config.server().port());
  }

  public int port() {
    return port;
  }

  @Override
  public void close() {}
}

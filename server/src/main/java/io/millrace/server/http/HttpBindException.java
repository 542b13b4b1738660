package io.millrace.server.http;

import io.millrace.server.config.ServerConfig;

/** The port could not be had; the message says which and why. */
public final class HttpBindException extends RuntimeException {
  private static final long serialVersionUID = 1;

  HttpBindException(ServerConfig config, Throwable cause) {
    this(config.host(), config.port(), cause);
  }

  public HttpBindException(String host, int port, Throwable cause) {
    super(
        "cannot listen on %s:%d: %s"
            .formatted(host.indexOf(':') >= 0 ? "[" + host + "]" : host, port, cause.getMessage()),
        cause);
  }
}

package io.millrace.server.cli;

import io.millrace.server.config.MillraceConfig;

/** Starts a server. */
@FunctionalInterface
public interface ServerStarter {

  /**
   * Returns when clients can log in.
   *
   * @throws RuntimeException when it cannot start; nothing of it is left running
   */
  RunningServer start(MillraceConfig config);
}

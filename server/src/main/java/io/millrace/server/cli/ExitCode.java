package io.millrace.server.cli;

/** How a command ended, for scripts. */
final class ExitCode {
  static final int OK = 0;
  static final int FAILURE = 1;

  /** Wrong arguments or a configuration with faults; picocli uses the same number. */
  static final int USAGE = 2;

  private ExitCode() {}
}

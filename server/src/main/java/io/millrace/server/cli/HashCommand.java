package io.millrace.server.cli;

import io.millrace.server.auth.Argon2id;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace hash}: the hash of a password, for the file of auth type {@code file}. */
@Command(
    name = "hash",
    description = "Print the argon2id hash of a password, for a file of users.",
    mixinStandardHelpOptions = true)
final class HashCommand implements Callable<Integer> {
  private final InputStream in;
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "PASSWORD",
      description = {
        "Without it, a terminal is asked or one line is read from standard input:",
        "then it is neither in the shell's history nor in the list of processes."
      })
  private @Nullable String password;

  /**
   * @param in where the password is read from if there is no argument
   */
  HashCommand(InputStream in) {
    this.in = in;
  }

  @Override
  public Integer call() {
    String given = password == null ? read() : password;
    if (given == null || given.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "The password is empty");
    }
    spec.commandLine().getOut().println(Argon2id.hash(given));
    spec.commandLine().getOut().flush();
    return ExitCode.OK;
  }

  private @Nullable String read() {
    Console console = in == System.in ? System.console() : null;
    if (console != null) {
      char[] typed = console.readPassword("Password: ");
      return typed == null ? null : new String(typed);
    }
    try {
      return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

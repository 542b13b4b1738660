package io.millrace.server.auth;

import io.millrace.server.config.AuthConfig;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;

/**
 * User names and passwords from a file (protocol §8.2). A name that there is not costs as much time
 * as a wrong password, and looks the same to the client.
 */
final class FileMethod implements AuthMethod {
  private static final int MAX_USERNAME = 256;
  private static final int MAX_PASSWORD = 1024;

  /** Logins share the processors with the event loops. */
  private static final int THREADS =
      Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 4);

  private final UserFile file;
  private final boolean report;
  private final ExecutorService threads = LoginQueue.threads("login-password", THREADS);
  private final LoginQueue queue = new LoginQueue(threads, THREADS);

  private FileMethod(UserFile file, boolean report) {
    this.file = file;
    this.report = report;
  }

  static FileMethod open(AuthConfig.File config, boolean only) {
    Boolean report = config.reportInvalidParameters();
    return new FileMethod(
        new UserFile(config.users(), config.pbkdf2()), report == null ? only : report);
  }

  @Override
  public String name() {
    return "file";
  }

  @Override
  public CompletionStage<Verdict> check(LoginAttempt attempt) {
    String username = attempt.text("username");
    String password = attempt.text("password");
    if (username == null || password == null) {
      String missing = username == null ? "username" : "password";
      return CompletableFuture.completedFuture(
          Verdict.wrong(report, "missing authentication parameter " + missing));
    }
    if (username.length() > MAX_USERNAME || password.length() > MAX_PASSWORD) {
      return CompletableFuture.completedFuture(Verdict.wrong(report, null));
    }
    return queue.submit(() -> verify(username, password));
  }

  private Verdict verify(String username, String password) {
    Users users = file.users();
    Users.Entry entry = users.byName().get(username);
    if (entry == null) {
      var unused = users.decoy().matches(password);
      return Verdict.UNKNOWN;
    }
    return entry.password().matches(password)
        ? Verdict.accepted(entry.user())
        : Verdict.wrong(report, null);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}

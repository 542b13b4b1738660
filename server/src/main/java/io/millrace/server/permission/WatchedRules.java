package io.millrace.server.permission;

import io.millrace.server.config.ConfigFault;
import io.millrace.server.permission.PermissionFile.Result;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rules of a permission file, read again when the file changes. A new file that is not good, or
 * gone, leaves the old rules in force, and the log says why, once.
 *
 * <p>The file is read every second by a thread of its own: that sees every way in which editors and
 * mounted volumes replace files, which notifications of the file system do not, and it is a small
 * file. {@link #current} is from any thread.
 */
public final class WatchedRules implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WatchedRules.class);
  private static final Duration PERIOD = Duration.ofSeconds(1);

  /** A hundred times what anybody writes by hand. */
  private static final long MAX_SIZE = 4L << 20;

  /** No text begins like this; what follows it is why there is no text. */
  private static final String UNREADABLE = "\0";

  private final RuleEngine engine = new RuleEngine();
  private final Path file;
  private final PermissionCounter counter;
  private final Thread thread;
  private volatile PermissionRules current;

  /** What was read last, good or not. */
  private String seen;

  /**
   * Reads the file and begins to watch it.
   *
   * @throws FaultyPermissionsException if the file is not good
   */
  public static WatchedRules start(Path file, PermissionCounter counter) {
    var rules = new WatchedRules(file, counter);
    rules.thread.start();
    return rules;
  }

  /** All that is wrong with a permission file; empty if it is good. */
  public static List<ConfigFault> check(Path file) {
    return read(new RuleEngine(), file).result() instanceof Result.Faulty(var faults)
        ? faults
        : List.of();
  }

  WatchedRules(Path file, PermissionCounter counter) {
    this.file = file;
    this.counter = counter;
    Read read = read(engine, file);
    this.seen = read.seen();
    this.current =
        switch (read.result()) {
          case Result.Loaded(var rules, var warnings) -> {
            warnings.forEach(LOG::warn);
            yield rules;
          }
          case Result.Faulty(var faults) -> throw new FaultyPermissionsException(faults);
        };
    this.thread = new Thread(this::watch, "permission-file");
    thread.setDaemon(true);
  }

  PermissionRules current() {
    return current;
  }

  private void watch() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        Thread.sleep(PERIOD);
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes the file's new rules, if it has changed and is good. By one thread. */
  void look() {
    try {
      String now = content(file);
      if (now.equals(seen)) {
        return;
      }
      seen = now;
      take(result(engine, file, now));
    } catch (RuntimeException e) {
      LOG.error("{} cannot be watched because of a bug", file, e);
    }
  }

  private void take(Result result) {
    switch (result) {
      case Result.Loaded(var rules, var warnings) -> {
        current = rules;
        counter.reloaded();
        LOG.info("{} has changed, its rules are in force", file);
        warnings.forEach(LOG::warn);
      }
      case Result.Faulty(var faults) -> {
        counter.reloadFailed();
        LOG.warn(
            "{} has changed and is not good, the old rules stay in force:\n{}",
            file,
            faults.stream().map(ConfigFault::toString).collect(Collectors.joining("\n")));
      }
    }
  }

  private record Read(String seen, Result result) {}

  private static Read read(RuleEngine engine, Path file) {
    String content = content(file);
    return new Read(content, result(engine, file, content));
  }

  private static String content(Path file) {
    try {
      if (Files.size(file) > MAX_SIZE) {
        return UNREADABLE + "is larger than " + MAX_SIZE + " bytes";
      }
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      return UNREADABLE + "there is no such file";
    } catch (CharacterCodingException e) {
      return UNREADABLE + "is not UTF-8 text";
    } catch (IOException e) {
      return UNREADABLE + "cannot be read: " + e.getClass().getSimpleName();
    }
  }

  private static Result result(RuleEngine engine, Path file, String content) {
    @Nullable String problem = content.startsWith(UNREADABLE) ? content.substring(1) : null;
    return problem == null
        ? PermissionFile.read(engine, file.toString(), content)
        : new Result.Faulty(List.of(new ConfigFault(file.toString(), 0, null, problem)));
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}

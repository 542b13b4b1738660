package io.millrace.server.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the process alive until SIGTERM or SIGINT, then stops the server.
 *
 * <p>The JVM ends with 143 or 130 after a signal, whatever its shutdown hooks do, and only {@code
 * halt} changes that: an orderly stop is a success, so it ends with 0. Shutdown hooks run side by
 * side; this one ends the process, so no other hook may have work that matters.
 *
 * <p>There is one stop, whoever asks for it and however often: a signal that comes while the server
 * stops already waits for the same end.
 */
final class StopOnSignal {
  private static final Logger log = LoggerFactory.getLogger(StopOnSignal.class);

  private final RunningServer server;
  private final Thread hook;
  private final StopThread stop = new StopThread();
  private long begunNs;

  StopOnSignal(RunningServer server) {
    this.server = server;
    this.hook =
        new Thread(
            () -> Runtime.getRuntime().halt(stopWithin(server.patience())), "millrace-stop-signal");
  }

  /** From now on a signal stops the server; call it before anyone is told that it is ready. */
  void install() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Blocks until somebody asks for a stop, or the calling thread is interrupted; then stops. */
  int await() {
    CountDownLatch requested = new CountDownLatch(1);
    var unused = server.stopRequested().thenRun(requested::countDown);
    try {
      requested.await();
    } catch (InterruptedException e) {
      // Obeyed by stopping; with the flag set again, the stop would not be waited for.
    }
    return stopWithin(server.patience());
  }

  int stopWithin(Duration patience) {
    Duration rest = patience.minusNanos(System.nanoTime() - begin());
    try {
      if (!stop.join(rest)) {
        log.error("the stop takes longer than {} s; ending without it", patience.toSeconds());
        return ExitCode.FAILURE;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCode.FAILURE;
    }
    return stop.failed ? ExitCode.FAILURE : ExitCode.OK;
  }

  /** When it began, in nanoseconds. */
  private synchronized long begin() {
    if (stop.getState() == Thread.State.NEW) {
      begunNs = System.nanoTime();
      stop.start();
    }
    return begunNs;
  }

  private final class StopThread extends Thread {
    private volatile boolean failed = true;

    StopThread() {
      super("millrace-stop");
      setDaemon(true);
    }

    @Override
    public void run() {
      try {
        server.stop().run();
        failed = false;
      } catch (RuntimeException e) {
        log.error("the stop failed", e);
      }
    }
  }
}

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
 */
final class StopOnSignal {
  private static final Logger log = LoggerFactory.getLogger(StopOnSignal.class);

  private final RunningServer server;
  private final Thread hook;
  private final StopThread stop = new StopThread();

  StopOnSignal(RunningServer server) {
    this.server = server;
    this.hook =
        new Thread(
            () -> Runtime.getRuntime().halt(stopWithin(server.patience())), "millrace-stop-signal");
  }

  /** What a signal runs. */
  Thread hook() {
    return hook;
  }

  /** From now on a signal stops the server; call it before anyone is told that it is ready. */
  void install() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Blocks until somebody asks for a stop, or the calling thread is interrupted; then stops. A
   * signal that comes meanwhile waits for the same stop: who asks over the network often sends one
   * next.
   */
  int await() {
    CountDownLatch requested = new CountDownLatch(1);
    var unused = server.stopRequested().thenRun(requested::countDown);
    try {
      requested.await();
    } catch (InterruptedException e) {
      // Obeyed by stopping; with the flag set again, the stop would not be waited for.
    }
    int code = stopWithin(server.patience());
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      log.debug("a signal has come, and its hook ends the process");
    }
    return code;
  }

  /** Stops the server, or waits for the stop that has begun. */
  int stopWithin(Duration patience) {
    synchronized (stop) {
      if (stop.getState() == Thread.State.NEW) {
        stop.start();
      }
    }
    try {
      if (!stop.join(patience)) {
        log.error("the stop takes longer than {} s; ending without it", patience.toSeconds());
        return ExitCode.FAILURE;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCode.FAILURE;
    }
    return stop.failed ? ExitCode.FAILURE : ExitCode.OK;
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

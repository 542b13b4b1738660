package io.millrace.examples.onsale;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Callable;

/** Progress on the terminal: what is being done, then that it is done and how long it took. */
final class Steps {
  private final PrintStream out;
  private final int total;
  private int current;

  Steps(PrintStream out, int total) {
    this.out = out;
    this.total = total;
  }

  /** Runs one step; its line is completed by {@code done} or by {@code failed}. */
  <T> T run(String what, String done, Callable<T> step) throws Exception {
    current++;
    out.printf("[%d/%d] %s ... ", current, total, what);
    out.flush();
    long start = System.nanoTime();
    try {
      T result = step.call();
      out.printf(Locale.ROOT, "%s in %.1f s%n", done, (System.nanoTime() - start) / 1e9);
      return result;
    } catch (Exception e) {
      out.println("failed");
      throw e;
    }
  }
}

package io.millrace.server.transport;

import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * A single thread that owns connections and record shards: what is confined to it is only touched
 * by tasks that run on it. Tasks handed over by one thread run in the order of the hand-over.
 */
public interface EventLoop extends Executor {

  /** The position among {@link EventLoops}, from 0. */
  int index();

  /** Whether the caller runs on this loop. */
  boolean inLoop();

  /** Runs the task after all that is queued already. Dropped when the loop has been shut down. */
  @Override
  void execute(Runnable task);

  /** Runs the task at once when on the loop, else {@linkplain #execute queues} it. */
  default void run(Runnable task) {
    if (inLoop()) {
      task.run();
      return;
    }
    execute(task);
  }

  /** Runs the task on the loop after the delay, unless it is cancelled before. */
  Timer schedule(Duration delay, Runnable task);

  /** A task that is yet to run. To be used on its loop. */
  interface Timer {
    /** The task does not run, if it has not; what it holds on to is let go. */
    void cancel();
  }
}

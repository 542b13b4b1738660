package io.millrace.benchmarks;

import io.millrace.benchmarks.server.CpuTime;
import io.millrace.benchmarks.server.Target;
import org.jspecify.annotations.Nullable;

/**
 * CPU time per unit of work, in microseconds.
 *
 * @param server the server's, if its process is known
 * @param serverSystem of that, in system calls
 * @param client this program's: when it is much larger than the server's, the load was the limit
 */
record Cost(@Nullable Double server, @Nullable Double serverSystem, double client) {

  /** What has been used up to some moment. */
  record Mark(@Nullable CpuTime server, long clientMicros) {
    static Mark now(Target target) {
      return new Mark(
          target.pid().isPresent() ? CpuTime.of(target.pid().getAsLong()) : null,
          CpuTime.ownMicros());
    }

    /** What was used since, for each of {@code units}. */
    Cost until(Mark end, long units) {
      CpuTime from = server;
      CpuTime to = end.server;
      if (from == null || to == null) {
        return new Cost(null, null, per(end.clientMicros - clientMicros, units));
      }
      return new Cost(
          per(to.totalMicros() - from.totalMicros(), units),
          per(to.systemMicros() - from.systemMicros(), units),
          per(end.clientMicros - clientMicros, units));
    }

    private static double per(long micros, long units) {
      return units == 0 ? 0 : Math.round(100.0 * micros / units) / 100.0;
    }
  }
}

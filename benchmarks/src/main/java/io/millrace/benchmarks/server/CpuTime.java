package io.millrace.benchmarks.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The CPU time that a process has used so far, in microseconds: of its own, and of the system for
 * it. Linux counts in ticks of 10 ms, so measure seconds. What the kernel does for a process
 * outside it, such as receiving packets in an interrupt, is not counted.
 */
public record CpuTime(long userMicros, long systemMicros) {
  private static final long MICROS_PER_TICK = 10_000;

  /** Where user time stands after the name in {@code /proc/PID/stat}; system time follows. */
  private static final int USER_TICKS = 11;

  /**
   * Reads it now.
   *
   * @throws UncheckedIOException if there is no such process, or no {@code /proc}
   */
  public static CpuTime of(long pid) {
    try {
      return parse(Files.readString(Path.of("/proc", Long.toString(pid), "stat")));
    } catch (IOException e) {
      throw new UncheckedIOException("the CPU time of process " + pid + " cannot be read", e);
    }
  }

  /** Names may contain anything, so only what follows the last parenthesis is fields. */
  static CpuTime parse(String stat) {
    List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
    return new CpuTime(
        Long.parseLong(fields.get(USER_TICKS)) * MICROS_PER_TICK,
        Long.parseLong(fields.get(USER_TICKS + 1)) * MICROS_PER_TICK);
  }

  /** This process's. */
  public static long ownMicros() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime() / 1_000
        : 0;
  }

  public long totalMicros() {
    return userMicros + systemMicros;
  }
}

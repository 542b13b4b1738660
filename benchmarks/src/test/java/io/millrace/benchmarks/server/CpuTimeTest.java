package io.millrace.benchmarks.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Reading {@code /proc/PID/stat}. */
final class CpuTimeTest {

  @Test
  void takesUserAndSystemTimeWhateverTheProcessIsCalled() {
    String stat =
        "4711 (a b) c)) S 1 4711 4711 0 -1 4194304 9 0 0 0 123 45 7 8 20 0 30 0 999 1 2 3\n";

    assertThat(CpuTime.parse(stat)).isEqualTo(new CpuTime(1_230_000, 450_000));
    assertThat(CpuTime.parse(stat).totalMicros()).isEqualTo(1_680_000);
  }
}

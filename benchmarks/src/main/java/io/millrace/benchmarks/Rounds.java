package io.millrace.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/**
 * The same runs several times on one server, in turns, then one line that compares them. So
 * whatever else the machine does meets all variants alike, and the first round, in which the
 * server's code is still being compiled, can be left out.
 */
final class Rounds {

  @Option(
      names = "--rounds",
      defaultValue = "3",
      description = "How often; one more comes before, to warm up (${DEFAULT-VALUE}).")
  private int rounds;

  /** What a round brought. */
  interface Measured {
    boolean good();

    /** The server's CPU time per unit in microseconds, if its process is known. */
    @Nullable Double cpuMicros();
  }

  /**
   * Of all rounds but the first.
   *
   * @param lastToFirst the last variant's cost divided by the first one's, if there are several
   */
  record Summary(
      String scenario, Map<Object, MinMedian> cpuMicros, @Nullable MinMedian lastToFirst) {}

  record MinMedian(double min, double median) {
    static MinMedian of(List<Double> values) {
      List<Double> sorted = values.stream().sorted().toList();
      return new MinMedian(sorted.getFirst(), sorted.get(sorted.size() / 2));
    }

    MinMedian dividedBy(MinMedian other) {
      return new MinMedian(rounded(min / other.min), rounded(median / other.median));
    }

    private static double rounded(double ratio) {
      return Math.round(100 * ratio) / 100.0;
    }
  }

  /** Runs all variants, prints every result, and returns the exit code. */
  <V> int run(CommandSpec command, String scenario, List<V> variants, Function<V, Measured> task) {
    Limits.check("--rounds", rounds, 1, Limits.ROUNDS);
    Map<Object, List<Double>> costs = new LinkedHashMap<>();
    boolean good = true;
    for (int round = 0; round <= rounds; round++) {
      for (V variant : variants) {
        Measured result = task.apply(variant);
        good &= Load.report(command, result, result.good()) == 0;
        Double cost = result.cpuMicros();
        if (round > 0 && cost != null) {
          costs.computeIfAbsent(variant, none -> new ArrayList<>()).add(cost);
        }
      }
    }
    return Load.report(command, summary(scenario, costs), good);
  }

  private static Summary summary(String scenario, Map<Object, List<Double>> costs) {
    Map<Object, MinMedian> figures = new LinkedHashMap<>();
    costs.forEach((variant, values) -> figures.put(variant, MinMedian.of(values)));
    List<MinMedian> all = List.copyOf(figures.values());
    return new Summary(
        scenario + " summary",
        figures,
        all.size() < 2 ? null : all.getLast().dividedBy(all.getFirst()));
  }
}

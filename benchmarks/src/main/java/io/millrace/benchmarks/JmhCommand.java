package io.millrace.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.Main;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code bench jmh}: JMH with its own options. Its forks inherit this JVM's options, which {@code
 * bin/millrace} makes those of a server.
 */
@Command(
    name = "jmh",
    description = "Run JMH benchmarks; everything after it is JMH's: bench jmh PatchBenchmark -f 1")
final class JmhCommand implements Callable<Integer> {
  @Parameters(paramLabel = "JMH", description = "What JMH understands; -h lists it.")
  private List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() throws IOException {
    Main.main(arguments.toArray(String[]::new));
    return 0;
  }
}

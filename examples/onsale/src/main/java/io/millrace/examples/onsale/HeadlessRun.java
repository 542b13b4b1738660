package io.millrace.examples.onsale;

import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The demo without a browser: produces for some seconds, then accounts for every delta. */
final class HeadlessRun {
  private static final long SEED = 20_261_120;
  private static final int STATUS_SECONDS = 5;

  private final PrintStream out;
  private final int port;
  private final double rate;
  private final int hostCount;
  private final int seconds;

  HeadlessRun(PrintStream out, int port, double rate, int hostCount, int seconds) {
    this.out = out;
    this.port = port;
    this.rate = rate;
    this.hostCount = hostCount;
    this.seconds = seconds;
  }

  /**
   * @return the exit code: 0 when all arrived
   */
  int run() throws Exception {
    Account account = account();
    out.println();
    out.print(account.table());
    out.println();
    out.println(account.line());
    if (account.isSlow()) {
      out.printf("Warning: only %.0f deltas/s were produced.%n", account.rate());
    }
    return account.isClean() ? 0 : 1;
  }

  /** Does all of it and says what became of each delta. */
  Account account() throws Exception {
    Steps steps = new Steps(out, 5);
    try (Backstage backstage =
        steps.run("Starting Kafka (KRaft, in this JVM)", "ready", Backstage::openKafka)) {
      int serverPort =
          steps.run(
              "Starting the server", "ready", () -> backstage.openServer(port, Optional.empty()));
      try (Follower follower =
          steps.run("Following all 60 sections", "subscribed", () -> Follower.start(serverPort))) {
        return sell(backstage, follower, steps);
      }
    }
  }

  private Account sell(Backstage backstage, Follower follower, Steps steps) throws Exception {
    try (Hosts hosts = Hosts.start(hostCount, rate, backstage.bootstrapServers(), SEED)) {
      steps.run(
          "%d Hosts announce %,d seats".formatted(hostCount, Venue.SEATS),
          "there",
          () -> {
            follower.awaitSeats();
            return true;
          });
      return steps.run(
          "Selling for %d s, about %,.0f deltas/s".formatted(seconds, rate),
          "      accounted for",
          () -> {
            out.println();
            long start = System.nanoTime();
            hosts.openDoors();
            watch(hosts, follower);
            List<SectionSales> truth = hosts.stop();
            double took = (System.nanoTime() - start) / 1e9;
            return Audit.settle(truth, hosts.failed(), took, follower);
          });
    }
  }

  private void watch(Hosts hosts, Follower follower) throws InterruptedException {
    for (int second = 1; second <= seconds; second++) {
      TimeUnit.SECONDS.sleep(1);
      if (second % STATUS_SECONDS == 0 || second == seconds) {
        follower.ping();
        out.printf(
            "      %3d s   produced %,9d   delivered %,9d%n",
            second, hosts.produced(), follower.delivered());
      }
    }
  }
}

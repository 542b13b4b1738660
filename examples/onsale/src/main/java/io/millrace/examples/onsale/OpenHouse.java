package io.millrace.examples.onsale;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** The demo with a browser: runs until it is interrupted. */
final class OpenHouse {
  private static final int STATUS_SECONDS = 5;

  private final PrintStream out;
  private final int port;
  private final double rate;
  private final int hostCount;
  private final Status status = new Status();

  OpenHouse(PrintStream out, int port, double rate, int hostCount) {
    this.out = out;
    this.port = port;
    this.rate = rate;
    this.hostCount = hostCount;
  }

  int run() throws Exception {
    Steps steps = new Steps(out, 5);
    Optional<Path> page = page(steps);
    CountDownLatch interrupted = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    // Ctrl-C ends the JVM once its hooks return: this one waits until everything is closed.
    Thread hook =
        new Thread(
            () -> {
              interrupted.countDown();
              awaitQuietly(closed);
            },
            "ctrl-c");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      show(steps, page, interrupted);
      return 0;
    } finally {
      closed.countDown();
    }
  }

  private void show(Steps steps, Optional<Path> page, CountDownLatch interrupted) throws Exception {
    try (Backstage backstage =
        steps.run("Starting Kafka (KRaft, in this JVM)", "ready", Backstage::openKafka)) {
      int serverPort =
          steps.run("Starting the server", "ready", () -> backstage.openServer(port, page));
      try (Follower follower =
              steps.run(
                  "Following all 60 sections", "subscribed", () -> Follower.start(serverPort));
          Hosts hosts =
              Hosts.start(hostCount, rate, backstage.bootstrapServers(), System.nanoTime())) {
        steps.run(
            "%d Hosts announce %,d seats".formatted(hostCount, Venue.SEATS),
            "there",
            () -> {
              follower.awaitSeats();
              return true;
            });
        hosts.openDoors();
        invite(serverPort, backstage.bootstrapServers(), page.isPresent());
        while (!interrupted.await(STATUS_SECONDS, TimeUnit.SECONDS)) {
          follower.ping();
          status.print(hosts, follower);
        }
        out.println("Closing.");
      }
    }
  }

  private Optional<Path> page(Steps steps) throws Exception {
    WebPage page = WebPage.ofThisCheckout();
    try {
      if (page.isBuilt()) {
        steps.run("Building the seat map (npm)", "up to date", () -> true);
      } else {
        steps.run(
            "Building the seat map (npm)",
            "built",
            () -> {
              page.build();
              return true;
            });
      }
      return Optional.of(page.built());
    } catch (WebPage.BuildFault | IOException fault) {
      out.println("      " + fault.getMessage());
      out.println("      Going on without the page.");
      return Optional.empty();
    }
  }

  private void invite(int serverPort, String bootstrapServers, boolean withPage) {
    out.println();
    if (withPage) {
      out.printf("  Seat map    http://127.0.0.1:%d/%n", serverPort);
    }
    out.printf("  Server      ws://127.0.0.1:%d/deepstream%n", serverPort);
    out.printf("  Kafka       %s, topic %s%n", bootstrapServers, SeatMessages.TOPIC);
    out.printf(
        "  %d Hosts sell %,d seats in 60 sections, about %,.0f deltas/s. Ctrl-C ends.%n%n",
        hostCount, Venue.SEATS, rate);
  }

  /** One line per few seconds: what was produced and what arrived since the line before. */
  private final class Status {
    private long produced;
    private long delivered;
    private long at = System.nanoTime();

    void print(Hosts hosts, Follower follower) {
      long now = System.nanoTime();
      double seconds = (now - at) / 1e9;
      long producedNow = hosts.produced();
      long deliveredNow = follower.delivered();
      Histogram latency = follower.takeLatency();
      out.printf(
          Locale.ROOT,
          "  produced %,7.0f/s   delivered %,7.0f/s   p50 %.1f ms   p99 %.1f ms%n",
          (producedNow - produced) / seconds,
          (deliveredNow - delivered) / seconds,
          latency.getValueAtPercentile(50) / 1000.0,
          latency.getValueAtPercentile(99) / 1000.0);
      produced = producedNow;
      delivered = deliveredNow;
      at = now;
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      var unused = latch.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

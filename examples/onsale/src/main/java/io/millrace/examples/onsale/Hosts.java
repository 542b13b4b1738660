package io.millrace.examples.onsale;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** All Hosts of the venue; section {@code i} belongs to Host {@code i mod hosts}. */
final class Hosts implements AutoCloseable {
  private final List<Host> hosts;
  private final List<Thread> threads;

  private Hosts(List<Host> hosts) {
    this.hosts = hosts;
    threads =
        IntStream.range(0, hosts.size())
            .mapToObj(i -> Thread.ofPlatform().name("host-" + (i + 1)).unstarted(hosts.get(i)))
            .toList();
  }

  /**
   * Starts {@code count} Hosts that announce their sections and, once the doors are open, together
   * send {@code rate} deltas per second.
   */
  static Hosts start(int count, double rate, String bootstrapServers, long seed) {
    List<Host> hosts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int remainder = i;
      List<Section> own =
          IntStream.range(0, Venue.SECTIONS.size())
              .filter(section -> section % count == remainder)
              .mapToObj(Venue.SECTIONS::get)
              .toList();
      hosts.add(new Host(i + 1, own, new Pace(rate / count), bootstrapServers, seed + i));
    }
    Hosts started = new Hosts(List.copyOf(hosts));
    started.threads.forEach(Thread::start);
    return started;
  }

  void openDoors() {
    hosts.forEach(Host::openDoors);
  }

  long produced() {
    return hosts.stream().mapToLong(Host::produced).sum();
  }

  long failed() {
    return hosts.stream().mapToLong(Host::failed).sum();
  }

  /** Stops selling, waits until the broker has everything, and tells the truth. */
  List<SectionSales> stop() throws InterruptedException {
    hosts.forEach(Host::stop);
    for (Thread thread : threads) {
      thread.join();
    }
    return hosts.stream().flatMap(host -> host.sections().stream()).toList();
  }

  @Override
  public void close() {
    hosts.forEach(Host::stop);
  }
}

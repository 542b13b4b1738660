package io.millrace.examples.onsale;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A system of record for some sections: announces them, waits for the doors to open, then sells at
 * its pace and tells Kafka of every change, until it is stopped. One thread runs it; counters may
 * be read from any.
 */
final class Host implements Runnable {
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private final int number;
  private final HostSales sales;
  private final Pace pace;
  private final String bootstrapServers;
  private final AtomicLong produced = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final CountDownLatch doors = new CountDownLatch(1);
  private volatile boolean stopping;

  Host(int number, List<Section> sections, Pace pace, String bootstrapServers, long seed) {
    this.number = number;
    this.pace = pace;
    this.bootstrapServers = bootstrapServers;
    sales = new HostSales(sections, seed);
  }

  /** Deltas that the broker has taken. */
  long produced() {
    return produced.get();
  }

  /** Deltas that the broker would not take. */
  long failed() {
    return failed.get();
  }

  /** The truth; only after the thread that ran this Host has ended. */
  List<SectionSales> sections() {
    return sales.sections();
  }

  /** Starts the sale. */
  void openDoors() {
    doors.countDown();
  }

  /** Makes {@link #run} finish what it is at, hand all of it to the broker, and return. */
  void stop() {
    stopping = true;
    doors.countDown();
  }

  @Override
  public void run() {
    // Closing waits for what is under way.
    try (var producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrapServers, "acks", "all", "linger.ms", "1"),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (SectionSales section : sales.sections()) {
        section.open();
        send(producer, SeatMessages.opening(section.section(), number));
      }
      doors.await();
      sell(producer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void sell(KafkaProducer<byte[], byte[]> producer) {
    long start = System.nanoTime();
    long sent = 0;
    while (!stopping) {
      long elapsed = System.nanoTime() - start;
      long nowMs = TimeUnit.NANOSECONDS.toMillis(elapsed);
      long due = pace.due(elapsed / 1e9);
      for (; sent < due && !stopping; sent++) {
        SeatDelta delta = sales.next(nowMs);
        send(producer, SeatMessages.change(delta, number, EpochMicros.now()));
      }
      LockSupport.parkNanos(TICK_NANOS);
    }
  }

  private void send(
      KafkaProducer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> message) {
    var unused =
        producer.send(
            message, (metadata, error) -> (error == null ? produced : failed).incrementAndGet());
  }
}

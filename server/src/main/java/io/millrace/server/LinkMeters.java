package io.millrace.server;

import io.micrometer.core.instrument.Counter;
import io.millrace.server.cluster.LinkCounter;
import io.millrace.server.cluster.StreamEnd;
import io.millrace.server.observability.Meter;
import io.millrace.server.observability.Metrics;
import io.millrace.server.peer.PeerTopic;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what goes over the node links. */
final class LinkMeters implements LinkCounter {
  private final Map<PeerTopic, Counter> messages = new EnumMap<>(PeerTopic.class);
  private final Map<StreamEnd, Counter> ended = new EnumMap<>(StreamEnd.class);
  private final Counter bytes;
  private final AtomicInteger streams = new AtomicInteger();

  LinkMeters(Metrics metrics) {
    this.bytes = metrics.counter(Meter.LINK_BYTES);
    for (PeerTopic topic : PeerTopic.values()) {
      messages.put(topic, metrics.counter(Meter.LINK_MESSAGES, "topic", label(topic)));
    }
    for (StreamEnd reason : StreamEnd.values()) {
      ended.put(reason, metrics.counter(Meter.LINK_ENDED, "reason", label(reason)));
    }
  }

  private static String label(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  int streams() {
    return streams.get();
  }

  @Override
  public void sent(PeerTopic topic, int count) {
    Objects.requireNonNull(messages.get(topic)).increment(count);
  }

  @Override
  public void written(long count) {
    bytes.increment(count);
  }

  @Override
  public void up(int change) {
    streams.addAndGet(change);
  }

  @Override
  public void ended(StreamEnd reason) {
    Objects.requireNonNull(ended.get(reason)).increment();
  }
}

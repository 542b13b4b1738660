package io.millrace.server.cluster;

import io.millrace.server.peer.PeerFeature;
import io.millrace.server.peer.PeerTopic;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The features that talk over the links. Written before the first node is met. */
final class OpenFeatures {
  private static final Logger LOG = LoggerFactory.getLogger(OpenFeatures.class);
  private static final PeerTopic[] TOPICS = PeerTopic.values();

  private final Map<PeerTopic, PeerFeature<?>> features = new EnumMap<>(PeerTopic.class);

  void add(PeerFeature<?> feature) {
    if (features.putIfAbsent(feature.topic(), feature) != null) {
      throw new IllegalStateException(feature.topic() + " is open already");
    }
  }

  void joined(String node) {
    each("joined", feature -> feature.joined(node));
  }

  void left(String node) {
    each("left", feature -> feature.left(node));
  }

  void received(String node, int topic, FrameInput message) throws LinkFault {
    PeerFeature<?> feature = topic < TOPICS.length ? features.get(TOPICS[topic]) : null;
    if (feature == null) {
      throw new LinkFault("a message of unknown topic " + topic);
    }
    received(feature, node, message);
  }

  private static <M> void received(PeerFeature<M> feature, String node, FrameInput in)
      throws LinkFault {
    M message = feature.read(in);
    if (in.remaining() > 0) {
      throw new LinkFault("a message of " + feature.topic() + " goes on after its end");
    }
    try {
      feature.received(node, message);
    } catch (RuntimeException failure) {
      throw broken(feature, "received", failure);
    }
  }

  private void each(String call, Consumer<PeerFeature<?>> step) {
    for (PeerFeature<?> feature : features.values()) {
      try {
        step.accept(feature);
      } catch (RuntimeException failure) {
        var unused = broken(feature, call, failure);
      }
    }
  }

  private static LinkFault broken(
      PeerFeature<?> feature, String call, @Nullable RuntimeException failure) {
    LOG.error("{} failed in {}; this is a fault of this program", feature.topic(), call, failure);
    return new LinkFault("a message of " + feature.topic() + " was not taken");
  }
}

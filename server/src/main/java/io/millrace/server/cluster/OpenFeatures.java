package io.millrace.server.cluster;

import io.millrace.server.peer.PeerFeature;
import io.millrace.server.peer.PeerTopic;
import java.util.EnumMap;
import java.util.Map;
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

  /**
   * @throws LinkFault if one could not say what the node has to know
   */
  void joined(String node) throws LinkFault {
    for (PeerFeature<?> feature : features.values()) {
      try {
        feature.joined(node);
      } catch (RuntimeException failure) {
        throw broken(feature, "joined", failure);
      }
    }
  }

  void left(String node) {
    for (PeerFeature<?> feature : features.values()) {
      try {
        feature.left(node);
      } catch (RuntimeException failure) {
        var unused = broken(feature, "left", failure);
      }
    }
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

  private static LinkFault broken(PeerFeature<?> feature, String call, RuntimeException failure) {
    LOG.error("{} failed in {}; this is a fault of this program", feature.topic(), call, failure);
    return new LinkFault(feature.topic() + " failed in " + call);
  }
}

package io.millrace.server.kafka;

import io.millrace.server.config.KafkaConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The properties of our Kafka clients: our defaults, the user's properties over them, and over
 * these what our promises depend on.
 *
 * <p>Consumers use the classic group protocol with the cooperative sticky assignor: it works with
 * brokers of any age, and only partitions that move are interrupted. The session timeout is the
 * shortest that brokers allow by default, because after a crash nobody reads the node's partitions
 * until it has passed; an expired session of a node that lives costs replays, which are harmless.
 */
final class ClientSettings {
  private static final Set<String> OURS =
      Set.of(
          CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
          ConsumerConfig.GROUP_ID_CONFIG,
          ConsumerConfig.GROUP_PROTOCOL_CONFIG,
          ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
          ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
          ConsumerConfig.ISOLATION_LEVEL_CONFIG,
          ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
          ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
          ProducerConfig.ACKS_CONFIG,
          ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
          ProducerConfig.TRANSACTIONAL_ID_CONFIG,
          ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
          ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG);

  private static final int MIN_FETCH_BYTES = 64 << 10;
  private static final int MAX_FETCH_BYTES = 16 << 20;
  private static final int MAX_PARTITION_FETCH_BYTES = 1 << 20;

  private final String bootstrapServers;
  private final Map<String, String> properties;

  /**
   * @throws IllegalArgumentException if the properties say what is not theirs to say
   */
  ClientSettings(String bootstrapServers, Map<String, String> properties) {
    this.bootstrapServers = bootstrapServers;
    this.properties = Map.copyOf(properties);
    for (String key : properties.keySet()) {
      if (OURS.contains(key)) {
        throw new IllegalArgumentException(
            "kafka.properties cannot set " + key + ": what Millrace promises depends on it");
      }
    }
  }

  static String group(KafkaConfig.Source source) {
    String group = source.group();
    return group == null ? "millrace-" + source.name() : group;
  }

  Map<String, Object> consumer(KafkaConfig.Source source) {
    int fetchBytes = Math.clamp(source.maxInFlight().bytes(), MIN_FETCH_BYTES, MAX_FETCH_BYTES);
    Map<String, Object> all = new HashMap<>();
    all.put(ConsumerConfig.CLIENT_ID_CONFIG, "millrace-" + source.name());
    all.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    all.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 6_000);
    all.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 1_500);
    // A typo in a source's topics must not create one; a topic that comes later is soon seen.
    all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    all.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 10_000);
    // What has been fetched and not polled is memory, too.
    all.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, fetchBytes);
    all.put(
        ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
        Math.min(MAX_PARTITION_FETCH_BYTES, fetchBytes));
    all.putAll(properties);
    all.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    all.put(ConsumerConfig.GROUP_ID_CONFIG, group(source));
    all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    all.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    all.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    return all;
  }

  Map<String, Object> producer() {
    Map<String, Object> all = new HashMap<>();
    all.put(ProducerConfig.CLIENT_ID_CONFIG, "millrace-dead-letters");
    // Send what the broker may still take; larger ones are cut (see DeadLetters).
    all.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 32 << 20);
    all.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
    // On a topic just created, a first batch may be turned away and a second be taken at once; the
    // first would then be out of order until it times out.
    all.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    all.putAll(properties);
    all.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    all.put(ProducerConfig.ACKS_CONFIG, "all");
    all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    all.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    all.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    return all;
  }

  /**
   * @param maxMessageBytes what has to fit into a request
   */
  Map<String, Object> changelogProducer(String changelog, int maxMessageBytes) {
    Map<String, Object> all = producer();
    all.put(ProducerConfig.CLIENT_ID_CONFIG, "millrace-changelog-" + changelog);
    all.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, maxMessageBytes);
    all.put(ProducerConfig.BUFFER_MEMORY_CONFIG, Math.max(32L << 20, 2L * maxMessageBytes));
    all.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 << 10);
    // Groups are made before, and flushed.
    all.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    // A node that stops waits for it.
    all.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 5_000);
    all.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
    all.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 10_000);
    properties.forEach(all::put);
    return all;
  }

  Map<String, Object> changelogAdmin() {
    Map<String, Object> all = admin();
    all.put(AdminClientConfig.CLIENT_ID_CONFIG, "millrace-changelog-admin");
    return all;
  }

  /** For reading a changelog as a whole: without a group. */
  Map<String, Object> changelogConsumer() {
    Map<String, Object> all = new HashMap<>();
    all.put(ConsumerConfig.CLIENT_ID_CONFIG, "millrace-warm-start");
    all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    all.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, MAX_FETCH_BYTES);
    all.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000);
    all.putAll(properties);
    all.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    all.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    all.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    return all;
  }

  /** What every client has in common. */
  Map<String, Object> client() {
    Map<String, Object> all = new HashMap<>(properties);
    all.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    return all;
  }

  Map<String, Object> admin() {
    Map<String, Object> all = new HashMap<>();
    all.put(AdminClientConfig.CLIENT_ID_CONFIG, "millrace-admin");
    all.putAll(properties);
    all.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    return all;
  }

  /** As {@link #check}, for changelogs. */
  void checkChangelog(int maxMessageBytes) {
    try {
      ConsumerConfig unusedConsumer = new ConsumerConfig(changelogConsumer());
      ProducerConfig unusedProducer =
          new ProducerConfig(changelogProducer("check", maxMessageBytes));
      AdminClientConfig unusedAdmin = new AdminClientConfig(changelogAdmin());
    } catch (ConfigException e) {
      throw new IllegalArgumentException("kafka.properties: " + e.getMessage(), e);
    }
  }

  /**
   * Has Kafka's own checks look at everything, before the first connection.
   *
   * @throws IllegalArgumentException if a client would not start with these properties
   */
  void check(KafkaConfig.Source source) {
    try {
      ConsumerConfig unusedConsumer = new ConsumerConfig(consumer(source));
      ProducerConfig unusedProducer = new ProducerConfig(producer());
      AdminClientConfig unusedAdmin = new AdminClientConfig(admin());
    } catch (ConfigException e) {
      throw new IllegalArgumentException("kafka.properties: " + e.getMessage(), e);
    }
  }
}

package io.millrace.server.kafka;

import io.millrace.server.config.KafkaConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sees to it that the topic of a changelog is there, and is what it has to be. Not thread-safe. */
final class ChangelogTopic {
  private static final Logger LOG = LoggerFactory.getLogger(ChangelogTopic.class);
  private static final Duration ADMIN_TIMEOUT = Duration.ofSeconds(5);

  /**
   * Longer than brokers keep a source's messages unless told otherwise (seven days): a cluster that
   * starts from states reads those again, and only the tombstone says that a client has removed
   * since what they make.
   */
  private static final Duration TOMBSTONES_STAY = Duration.ofDays(8);

  private final KafkaConfig.Changelog config;
  private final ClientSettings settings;
  private final int maxMessageBytes;
  private boolean isKnown;
  private boolean isLookedAt;

  ChangelogTopic(KafkaConfig.Changelog config, ClientSettings settings, int maxMessageBytes) {
    this.config = config;
    this.settings = settings;
    this.maxMessageBytes = maxMessageBytes;
  }

  /** Creates it if it is missing and may be created; blocks for some seconds at most. */
  void ensure() throws InterruptedException, ExecutionException, TimeoutException {
    if (isKnown) {
      return;
    }
    Admin admin = Admin.create(settings.changelogAdmin());
    try {
      if (config.createTopic()) {
        create(admin);
      }
      if (!isLookedAt) {
        lookAt(admin);
        isLookedAt = true;
      }
      isKnown = true;
    } finally {
      // A plain close would wait for an answer that does not come.
      admin.close(Duration.ZERO);
    }
  }

  /** It may be gone. */
  void forget() {
    isKnown = false;
  }

  private boolean isState() {
    return config.content() == KafkaConfig.Content.STATE;
  }

  private void create(Admin admin)
      throws InterruptedException, ExecutionException, TimeoutException {
    Integer replication = config.replicationFactor();
    Map<String, String> wanted = new HashMap<>();
    wanted.put(
        TopicConfig.CLEANUP_POLICY_CONFIG,
        isState() ? TopicConfig.CLEANUP_POLICY_COMPACT : TopicConfig.CLEANUP_POLICY_DELETE);
    wanted.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(maxMessageBytes));
    if (config.warmStart()) {
      wanted.put(TopicConfig.DELETE_RETENTION_MS_CONFIG, Long.toString(TOMBSTONES_STAY.toMillis()));
    }
    NewTopic topic =
        new NewTopic(
                config.topic(),
                Optional.of(config.partitions()),
                Optional.ofNullable(replication).map(Integer::shortValue))
            .configs(wanted);
    try {
      admin.createTopics(List.of(topic)).all().get(ADMIN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      isLookedAt = true;
      LOG.info(
          "changelog {}: created topic {} with {} partitions",
          config.name(),
          config.topic(),
          config.partitions());
    } catch (ExecutionException e) {
      // Without the right to create it, it may still be there to be written to.
      if (!(e.getCause() instanceof TopicExistsException)
          && !(e.getCause() instanceof AuthorizationException)) {
        throw e;
      }
    }
  }

  private void lookAt(Admin admin) throws InterruptedException, TimeoutException {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, config.topic());
    try {
      Config found =
          admin
              .describeConfigs(List.of(resource))
              .all()
              .get(ADMIN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
              .get(resource);
      ConfigEntry policy = found == null ? null : found.get(TopicConfig.CLEANUP_POLICY_CONFIG);
      boolean isCompacted =
          policy == null || policy.value().contains(TopicConfig.CLEANUP_POLICY_COMPACT);
      if (isState() != isCompacted && policy != null) {
        LOG.warn(
            "changelog {}: topic {} has cleanup.policy {}; states need compact, deltas delete",
            config.name(),
            config.topic(),
            policy.value());
      }
    } catch (ExecutionException e) {
      LOG.debug("changelog {}: the topic's settings cannot be read", config.name(), e);
    }
  }
}

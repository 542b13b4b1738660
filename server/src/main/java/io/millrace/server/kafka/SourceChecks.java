package io.millrace.server.kafka;

import io.millrace.server.config.KafkaConfig;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What has to hold between sources. */
final class SourceChecks {
  private SourceChecks() {}

  /**
   * @throws IllegalArgumentException with the first thing found wrong
   */
  static void check(List<KafkaConfig.Source> sources) {
    Set<String> names = new HashSet<>();
    Set<List<String>> read = new HashSet<>();
    Map<String, Set<String>> deadLetterTopics = new HashMap<>();
    for (KafkaConfig.Source source : sources) {
      if (!names.add(source.name())) {
        throw new IllegalArgumentException("two kafka sources are named " + source.name());
      }
      if (source.topics().isEmpty()) {
        throw new IllegalArgumentException("kafka source " + source.name() + " has no topics");
      }
      for (String topic : source.topics()) {
        String group = ClientSettings.group(source);
        if (!read.add(List.of(group, topic))) {
          throw new IllegalArgumentException(
              "topic %s feeds two kafka sources of group %s: each would get only some of it"
                  .formatted(topic, group));
        }
        deadLetterTopics
            .computeIfAbsent(topic, t -> new TreeSet<>())
            .add(source.deadLettersOf(topic));
      }
    }
    for (String topic : deadLetterTopics.keySet()) {
      if (reaches(topic, topic, deadLetterTopics, new HashSet<>())) {
        throw new IllegalArgumentException(
            "dead letters of topic "
                + topic
                + " come back to it: a bad message would go round forever");
      }
    }
  }

  private static boolean reaches(
      String from, String to, Map<String, Set<String>> next, Set<String> visited) {
    return visited.add(from)
        && next.getOrDefault(from, Set.of()).stream()
            .anyMatch(topic -> topic.equals(to) || reaches(topic, to, next, visited));
  }
}

/**
 * Deltas in: consumers of Kafka topics that turn messages into changes of records. The only home of
 * Kafka types. Each source has a poll thread that owns its consumer and all that is said of its
 * messages; sinks answer from anywhere through a queue.
 *
 * <p>{@link io.millrace.server.kafka.KafkaIngest} is the way in. A message goes from {@code
 * ConsumerSession} (the Kafka client) to {@code Delivery} (what may be handed over), through {@code
 * mapping.SourceMapping} (what it means) to the sink, or to {@code DeadLetters}.
 *
 * <p>Changes out: {@link io.millrace.server.kafka.KafkaChangelog} is told by the owners of records,
 * each with a thread of its own. {@link io.millrace.server.kafka.WarmStart} reads such a topic into
 * a fresh cluster.
 */
@NullMarked
package io.millrace.server.kafka;

import org.jspecify.annotations.NullMarked;

/**
 * Deltas in: consumers of Kafka topics that turn messages into changes of records. The only home of
 * Kafka types. Each source has a poll thread that owns its consumer.
 */
@NullMarked
package io.millrace.server.kafka;

import org.jspecify.annotations.NullMarked;

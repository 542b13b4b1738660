package io.millrace.server.kafka;

import io.millrace.server.mapping.SourceMessage;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** Messages of Kafka as those who know no Kafka see them. */
final class KafkaMessages {
  private KafkaMessages() {}

  static SourceMessage of(ConsumerRecord<byte[], byte[]> message) {
    List<SourceMessage.Header> headers = List.of();
    for (Header header : message.headers()) {
      if (headers.isEmpty()) {
        headers = new ArrayList<>();
      }
      headers.add(new SourceMessage.Header(header.key(), header.value()));
    }
    return new SourceMessage(
        message.topic(),
        message.partition(),
        message.offset(),
        message.timestamp(),
        message.key(),
        message.value(),
        headers);
  }
}

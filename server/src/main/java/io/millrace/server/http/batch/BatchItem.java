package io.millrace.server.http.batch;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.Topic;
import io.millrace.protocol.value.RecordName;

/** One request of a batch. */
sealed interface BatchItem {

  ClientMessage request();

  /** What failures name as their topic; lists are records. */
  default Topic topic() {
    return request().action().topic();
  }

  /** Anything but what follows. */
  record Plain(ClientMessage request) implements BatchItem {}

  /** A write; when it conflicts, the caller is told what is there. */
  record Write(ClientMessage request, RecordName name) implements BatchItem {}
}

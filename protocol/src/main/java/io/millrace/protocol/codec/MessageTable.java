package io.millrace.protocol.codec;

import io.millrace.protocol.Action;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The kinds of messages of one direction and how each fills a body. It stands in for an exhaustive
 * switch over the sealed family, which Java 17 does not have; a test proves that no kind is left
 * out.
 */
final class MessageTable<M> {
  private final Function<M, Action> action;
  private final Map<Class<?>, BiConsumer<M, Body>> kinds = new HashMap<>();

  MessageTable(Function<M, Action> action) {
    this.action = action;
  }

  /** Messages of {@code kind} fill a body like this; the action is there already. */
  <K extends M> MessageTable<M> with(Class<K> kind, BiConsumer<K, Body> fill) {
    kinds.put(kind, (message, body) -> fill.accept(kind.cast(message), body));
    return this;
  }

  /** Messages that are nothing but their action. */
  MessageTable<M> bare(Class<? extends M> kind) {
    return with(kind, (message, body) -> {});
  }

  Body body(M message) {
    BiConsumer<M, Body> fill = kinds.get(message.getClass());
    if (fill == null) {
      throw new IllegalStateException("no way to write " + message.getClass());
    }
    Body body = Body.of(action.apply(message));
    fill.accept(message, body);
    return body;
  }

  Set<Class<?>> kinds() {
    return Set.copyOf(kinds.keySet());
  }

  static void data(Body body, @Nullable JsonText data) {
    body.putText(Field.DATA, data == null ? null : data.text());
  }

  static void names(Body body, List<RecordName> names) {
    List<String> texts = new ArrayList<>(names.size());
    for (RecordName name : names) {
      texts.add(name.value());
    }
    body.putTexts(Field.NAMES, texts);
  }

  static void writeAck(Body body, WriteAckRequest ack) {
    body.putText(Field.CORRELATION_ID, ack.correlationId())
        .putFlagIf(Field.IS_WRITE_ACK, ack.wanted());
  }
}

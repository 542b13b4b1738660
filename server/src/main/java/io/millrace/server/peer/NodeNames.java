package io.millrace.server.peer;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The names that one other node has, of those at home on one loop, each with the stream in which it
 * was last said. Confined to that loop.
 *
 * <p>Streams are counted by their ends. Names of a stream that has ended are doubtful: the next one
 * says them again, or it {@linkplain #saidAll says all} without them.
 */
final class NodeNames {
  private final Map<String, Integer> streamByName = new HashMap<>();

  /** The loops of the other node that have said all in this stream. */
  private final BitSet partsSaid = new BitSet();

  private int stream;
  private boolean speaking;

  /** Doubtful names up to this stream are void as soon as this stream fails to say them. */
  private int overdue = -1;

  boolean isEmpty() {
    return streamByName.isEmpty();
  }

  boolean has(String name) {
    return streamByName.containsKey(name);
  }

  void forEach(Consumer<String> action) {
    streamByName.keySet().forEach(action);
  }

  /** The stream that is open now, or comes next. */
  int stream() {
    return stream;
  }

  int overdue() {
    return overdue;
  }

  /** Whether a new stream has begun. */
  boolean isHeard() {
    return speaking || !partsSaid.isEmpty();
  }

  /** Whether a new stream has begun that has not said all yet. */
  boolean isSpeaking() {
    return speaking;
  }

  /** Whether the name is new. */
  boolean add(String name) {
    heard();
    return streamByName.put(name, stream) == null;
  }

  /** Whether the name was there. */
  boolean remove(String name) {
    heard();
    return streamByName.remove(name) != null;
  }

  /** Whether that was the last part, so that what this stream has not said is void. */
  boolean saidAll(int part, int parts) {
    heard();
    partsSaid.set(part);
    if (partsSaid.cardinality() < parts) {
      return false;
    }
    speaking = false;
    return true;
  }

  private void heard() {
    if (partsSaid.isEmpty()) {
      speaking = true;
    }
  }

  /** The stream has ended; returns its number. */
  int ended() {
    partsSaid.clear();
    speaking = false;
    stream++;
    return stream - 1;
  }

  void setOverdue(int upTo) {
    overdue = Math.max(overdue, upTo);
  }

  /** The names that were last said in that stream or before. */
  List<String> saidUpTo(int last) {
    List<String> old = new ArrayList<>();
    streamByName.forEach(
        (name, said) -> {
          if (said <= last) {
            old.add(name);
          }
        });
    return old;
  }

  /** Takes the name away if it was not said since; whether it did. */
  boolean dropIfSaidUpTo(int last, String name) {
    Integer said = streamByName.get(name);
    if (said == null || said > last) {
      return false;
    }
    streamByName.remove(name);
    return true;
  }
}

package io.millrace.examples.onsale;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * A subscriber's copy of one section, kept up to date by what it is told and by nothing else, and
 * the count of how it was told. Not thread-safe: {@link Follower} guards it.
 */
final class FollowedSection {
  private static final String SEAT_PATH = "seats.";

  private boolean known;
  private int version;
  private ObjectNode data = JsonNodeFactory.instance.objectNode();
  private long delivered;
  private long conflated;
  private long broken;

  /** The first state, in answer to the subscription. */
  void start(int startVersion, JsonNode state) {
    known = true;
    version = startVersion;
    data = object(state);
    delivered += Math.max(0, startVersion);
  }

  /** A full state: the next version, or a newer one that stands for all between. */
  void update(int newVersion, JsonNode state) {
    if (!known || newVersion <= version) {
      broken++;
      return;
    }
    delivered += newVersion - version;
    conflated += newVersion - version - 1;
    version = newVersion;
    data = object(state);
  }

  /**
   * One seat changed.
   *
   * @return what the seat is now, or null when this could not be the next change: a version that
   *     was left out or came twice, or a seat's own count that says otherwise
   */
  @Nullable JsonNode patch(int newVersion, String path, JsonNode seat) {
    if (!known
        || newVersion != version + 1
        || seat.path("n").asInt() != newVersion
        || !path.startsWith(SEAT_PATH)
        || !(data.get("seats") instanceof ObjectNode seats)) {
      broken++;
      return null;
    }
    version = newVersion;
    seats.set(path.substring(SEAT_PATH.length()), seat);
    delivered++;
    return seat;
  }

  /** Anything else that was said about the record; nothing else should be. */
  void surprise() {
    broken++;
  }

  boolean known() {
    return known;
  }

  int version() {
    return version;
  }

  /** Versions that arrived, one by one or covered by a newer full state. */
  long delivered() {
    return delivered;
  }

  /** Those of {@link #delivered} that a newer full state stood for. */
  long conflated() {
    return conflated;
  }

  /** Messages that broke the promise of every version once, in order, or a newer full state. */
  long broken() {
    return broken;
  }

  JsonNode data() {
    return data;
  }

  private static ObjectNode object(JsonNode state) {
    return state instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
  }
}

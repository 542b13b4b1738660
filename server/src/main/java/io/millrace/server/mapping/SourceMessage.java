package io.millrace.server.mapping;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message of a log as it came. The arrays are not copied: nobody changes them.
 *
 * @param timestamp milliseconds since 1970, as the producer or the broker says
 */
public record SourceMessage(
    String topic,
    int partition,
    long offset,
    long timestamp,
    byte @Nullable [] key,
    byte @Nullable [] value,
    List<Header> headers) {

  /** One of several of the same name, in order. */
  public record Header(String name, byte @Nullable [] value) {}

  /** The last value of the header, null if there is none. */
  public byte @Nullable [] header(String name) {
    for (int i = headers.size() - 1; i >= 0; i--) {
      if (headers.get(i).name().equals(name)) {
        return headers.get(i).value();
      }
    }
    return null;
  }

  @Override
  public String toString() {
    return topic + "/" + partition + "/" + offset;
  }
}

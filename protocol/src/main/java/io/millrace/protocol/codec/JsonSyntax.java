package io.millrace.protocol.codec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;

/** What the JSON of a frame may look like, and the keys that are no {@link Field}. */
final class JsonSyntax {
  static final String TOPIC = "topic";

  /** A payload as a value, where {@link Field#DATA} has it as text. */
  static final String PARSED_DATA = "parsedData";

  /**
   * Far deeper than a payload may be ({@link io.millrace.protocol.Limits#MAX_JSON_DEPTH}), because
   * the refusal of a payload names the request, and that takes reading the frame to its end. Each
   * level costs the parser some 80 bytes while it reads.
   */
  private static final int MAX_FRAME_DEPTH = 10_000;

  /**
   * The frame as a whole is bounded before it gets here. Numbers and keys within a payload are
   * looked at by whoever parses the payload. Keys are not remembered: they are the clients' own.
   */
  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_FRAME_DEPTH)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private JsonSyntax() {}
}

/**
 * Payloads of messages as JSON: text, JSON, and the formats whose schemas are in a schema registry
 * (Avro, protobuf, JSON Schema, in Confluent's wire format). The only home of Avro's, protobuf's
 * and Wire's types. Decoding runs on the caller's thread and never blocks; what is asked of a
 * registry is asked on virtual threads, {@code schema-ID} each. Main type: {@code PayloadFormats}.
 */
@NullMarked
package io.millrace.server.format;

import org.jspecify.annotations.NullMarked;

package io.millrace.server.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.Temporal;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Function;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/** What Avro's numbers and bytes mean: its logical types. Unknown ones mean nothing. */
final class AvroLogical {
  private static final long NANOS_PER_DAY = 86_400_000_000_000L;
  private static final int UUID_BYTES = 16;
  private static final int DURATION_BYTES = 12;

  private final Values values;

  AvroLogical(Values values) {
    this.values = values;
  }

  JsonNode integer(Schema schema, long value) throws Malformed {
    LogicalType type = schema.getLogicalType();
    if (type == null || values.timestampsAreNumbers()) {
      return values.integer(value);
    }
    return switch (type.getName()) {
      case "timestamp-millis" -> instant(value, 1_000, i -> i);
      case "timestamp-micros" -> instant(value, 1_000_000, i -> i);
      case "timestamp-nanos" -> instant(value, 1_000_000_000, i -> i);
      case "local-timestamp-millis" -> instant(value, 1_000, AvroLogical::local);
      case "local-timestamp-micros" -> instant(value, 1_000_000, AvroLogical::local);
      case "local-timestamp-nanos" -> instant(value, 1_000_000_000, AvroLogical::local);
      case "date" -> TextNode.valueOf(LocalDate.ofEpochDay(value).toString());
      case "time-millis" -> timeOfDay(value, 1_000_000);
      case "time-micros" -> timeOfDay(value, 1_000);
      default -> values.integer(value);
    };
  }

  private static JsonNode instant(long units, long perSecond, Function<Instant, Temporal> kind) {
    Instant instant =
        Instant.ofEpochSecond(
            Math.floorDiv(units, perSecond),
            Math.floorMod(units, perSecond) * (1_000_000_000 / perSecond));
    return TextNode.valueOf(kind.apply(instant).toString());
  }

  /** A date and time of nobody knows where: without a zone. */
  private static LocalDateTime local(Instant instant) {
    return LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
  }

  private static JsonNode timeOfDay(long units, long nanosPerUnit) throws Malformed {
    if (units < 0 || units >= NANOS_PER_DAY / nanosPerUnit) {
      throw new Malformed("has a time of day outside of the day");
    }
    return TextNode.valueOf(LocalTime.ofNanoOfDay(units * nanosPerUnit).toString());
  }

  JsonNode bytes(Schema schema, byte[] bytes) throws Malformed {
    return switch (schema.getLogicalType()) {
      case null -> values.bytes(bytes);
      case LogicalTypes.Decimal decimal -> values.decimal(bytes, decimal.getScale());
      case LogicalTypes.BigDecimal any -> bigDecimal(new AvroBytes(bytes, 0));
      case LogicalTypes.Uuid uuid when bytes.length == UUID_BYTES -> {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        yield TextNode.valueOf(new UUID(buffer.getLong(), buffer.getLong()).toString());
      }
      case LogicalTypes.Duration duration when bytes.length == DURATION_BYTES -> duration(bytes);
      case LogicalType other -> values.bytes(bytes);
    };
  }

  /** The one that brings its own scale. */
  private JsonNode bigDecimal(AvroBytes in) throws Malformed {
    byte[] unscaled = in.bytes();
    return values.decimal(unscaled, in.integer());
  }

  /** Months, days and milliseconds are apart, as no month and no day is always as long. */
  private static JsonNode duration(byte[] bytes) {
    ByteBuffer parts = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long months = Integer.toUnsignedLong(parts.getInt());
    long days = Integer.toUnsignedLong(parts.getInt());
    long millis = Integer.toUnsignedLong(parts.getInt());
    return TextNode.valueOf(
        String.format(Locale.ROOT, "P%dM%dDT%d.%03dS", months, days, millis / 1000, millis % 1000));
  }
}

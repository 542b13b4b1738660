package io.millrace.server.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.millrace.protocol.Limits;
import io.millrace.server.config.KafkaConfig.JsonRules;
import io.millrace.server.config.KafkaConfig.NumberForm;
import io.millrace.server.config.KafkaConfig.TimestampForm;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;

/**
 * The JSON values of one message, by the source's rules (docs/kafka-formats.md), and how many there
 * may be. Trees come out as if they had been parsed from their own text, so that they equal such.
 * For one message and one thread.
 *
 * <p>Why they are counted: a byte on the wire, or none at all, may stand for a whole object.
 */
final class Values {
  /** More than a message of a MiB says in JSON. At some 100 bytes each this is 100 MB at worst. */
  static final int MAX_VALUES = 1_000_000;

  /** Values that no byte stands for: Avro's nulls, fields that protobuf leaves out. */
  static final int MAX_FREE_VALUES = 100_000;

  /** Digits behind or before the point that a writer may claim without having them. */
  private static final int MAX_SCALE = 10_000;

  /** 2,466 digits; more takes long to write in decimal. */
  private static final int MAX_UNSCALED_BYTES = 1024;

  private static final long MAX_SAFE_INTEGER = (1L << 53) - 1;
  private static final BigInteger MAX_SAFE = BigInteger.valueOf(MAX_SAFE_INTEGER);

  private final JsonRules rules;
  private int count;
  private int free;
  private int depth;

  Values(JsonRules rules) {
    this.rules = rules;
  }

  boolean timestampsAreNumbers() {
    return rules.timestamps() == TimestampForm.NUMBER;
  }

  void counted() throws Malformed {
    if (++count > MAX_VALUES) {
      throw new Malformed("has more than " + MAX_VALUES + " values");
    }
  }

  /** For a value that is said with no byte. */
  void countedFree() throws Malformed {
    if (++free > MAX_FREE_VALUES) {
      throw new Malformed("has more than " + MAX_FREE_VALUES + " values that take no bytes");
    }
  }

  /** Before what is in an object or array; {@link #leave} after it. */
  void enter() throws Malformed {
    if (++depth > Limits.MAX_JSON_DEPTH) {
      throw new Malformed("is deeper than " + Limits.MAX_JSON_DEPTH + " levels");
    }
  }

  void leave() {
    depth--;
  }

  JsonNode integer(long value) {
    if (value == (int) value) {
      return IntNode.valueOf((int) value);
    }
    boolean exact = value <= MAX_SAFE_INTEGER && value >= -MAX_SAFE_INTEGER;
    return exact || rules.bigIntegers() == NumberForm.NUMBER
        ? LongNode.valueOf(value)
        : TextNode.valueOf(Long.toString(value));
  }

  /** Of a 64-bit integer without sign. */
  JsonNode unsigned(long bits) {
    if (bits >= 0) {
      return integer(bits);
    }
    return rules.bigIntegers() == NumberForm.NUMBER
        ? BigIntegerNode.valueOf(new BigInteger(Long.toUnsignedString(bits)))
        : TextNode.valueOf(Long.toUnsignedString(bits));
  }

  JsonNode floating(double value) {
    return Double.isFinite(value)
        ? DecimalNode.valueOf(new BigDecimal(Double.toString(value)))
        : TextNode.valueOf(Double.toString(value));
  }

  /** Not by way of double: 0.1f would become 0.10000000149011612. */
  JsonNode floating(float value) {
    return Float.isFinite(value)
        ? DecimalNode.valueOf(new BigDecimal(Float.toString(value)))
        : TextNode.valueOf(Float.toString(value));
  }

  /**
   * @param unscaled two's complement, big-endian, as both formats have it
   */
  JsonNode decimal(byte[] unscaled, int scale) throws Malformed {
    if (unscaled.length > MAX_UNSCALED_BYTES || scale > MAX_SCALE || scale < -MAX_SCALE) {
      throw new Malformed("has a decimal that is longer than allowed");
    }
    BigInteger digits = unscaled.length == 0 ? BigInteger.ZERO : new BigInteger(unscaled);
    BigDecimal decimal = new BigDecimal(digits, scale);
    if (rules.decimals() == NumberForm.TEXT) {
      return TextNode.valueOf(decimal.toPlainString());
    }
    // 42 as decimal(9, 0) parses as an integer.
    return scale == 0 ? integer(digits) : DecimalNode.valueOf(decimal);
  }

  private JsonNode integer(BigInteger value) {
    return value.abs().compareTo(MAX_SAFE) <= 0
        ? integer(value.longValueExact())
        : BigIntegerNode.valueOf(value);
  }

  JsonNode bytes(byte[] value) {
    return TextNode.valueOf(Base64.getEncoder().encodeToString(value));
  }

  /** A point in time whose format knows no number of its own: milliseconds with a fraction. */
  JsonNode instant(Instant instant) {
    return timestampsAreNumbers()
        ? milliseconds(instant.getEpochSecond(), instant.getNano())
        : TextNode.valueOf(instant.toString());
  }

  JsonNode duration(Duration duration) {
    return timestampsAreNumbers()
        ? milliseconds(duration.getSeconds(), duration.getNano())
        : TextNode.valueOf(duration.toString());
  }

  private JsonNode milliseconds(long seconds, int nanos) {
    BigDecimal exact =
        BigDecimal.valueOf(seconds)
            .movePointRight(3)
            .add(BigDecimal.valueOf(nanos, 6))
            .stripTrailingZeros();
    return exact.scale() <= 0 ? integer(exact.toBigIntegerExact()) : DecimalNode.valueOf(exact);
  }
}

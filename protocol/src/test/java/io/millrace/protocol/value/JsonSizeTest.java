package io.millrace.protocol.value;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonSizeTest {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "true",
        "false",
        "0",
        "-1",
        "9",
        "10",
        "2147483648",
        "-9223372036854775808",
        "9223372036854775808",
        "123456789012345678901234567890",
        "1.0",
        "-0.0",
        "1e5",
        "1.5e300",
        "1e999",
        "-1e999",
        "5e-324",
        "{}",
        "[]",
        "[[],{},null]",
        "{\"a\":{\"b\":[1,2,3]},\"c\":\"d\"}",
      })
  void isTheLengthOfTheText(String text) {
    assertExact(Json.parse(text).orElseThrow());
  }

  @Test
  void everyCharacterCounts() {
    for (char c = 0; c < Character.MAX_VALUE; c++) {
      assertExact(NODES.textNode("x" + c));
    }
  }

  @Test
  void numbersOfOtherTypesCountToo() {
    assertExact(NODES.numberNode(1.1f));
    assertExact(NODES.numberNode((short) -3));
    assertExact(NODES.numberNode(new BigInteger("-12")));
    assertExact(NODES.numberNode(new BigDecimal("1E+3")));
    assertExact(NODES.numberNode(Double.NaN));
    assertExact(NODES.numberNode(Float.POSITIVE_INFINITY));
    assertExact(NODES.binaryNode(new byte[] {1, 2, 3, 4}));
  }

  @Test
  void isTheLengthOfAnyObject() {
    Random random = new Random(6020);
    for (int i = 0; i < 200; i++) {
      ObjectNode object = NODES.objectNode();
      object.put(text(random), text(random)).put("integer", random.nextLong());
      object.putArray("array").add(random.nextGaussian() * 1e9).add(text(random)).addNull();
      assertExact(object);
    }
  }

  private static String text(Random random) {
    return random
        .ints(random.nextInt(20), 0, Character.MIN_SURROGATE)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static void assertExact(JsonNode node) {
    assertThat(JsonSize.of(node)).isEqualTo(Json.text(node).text().length());
  }
}

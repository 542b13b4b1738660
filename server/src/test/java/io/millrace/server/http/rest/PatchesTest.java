package io.millrace.server.http.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonPatch;
import io.millrace.protocol.value.JsonPath;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Merge patches (RFC 7396, Appendix A), and what is sent of a change. */
final class PatchesTest {

  private static JsonNode json(String text) {
    return Json.parse(text).orElseThrow();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "{\"a\":\"b\"} # {\"a\":\"c\"} # {\"a\":\"c\"}",
        "{\"a\":\"b\"} # {\"b\":\"c\"} # {\"a\":\"b\",\"b\":\"c\"}",
        "{\"a\":\"b\"} # {\"a\":null} # {}",
        "{\"a\":\"b\",\"b\":\"c\"} # {\"a\":null} # {\"b\":\"c\"}",
        "{\"a\":[\"b\"]} # {\"a\":\"c\"} # {\"a\":\"c\"}",
        "{\"a\":\"c\"} # {\"a\":[\"b\"]} # {\"a\":[\"b\"]}",
        "{\"a\":{\"b\":\"c\"}} # {\"a\":{\"b\":\"d\",\"c\":null}} # {\"a\":{\"b\":\"d\"}}",
        "{\"a\":[{\"b\":\"c\"}]} # {\"a\":[1]} # {\"a\":[1]}",
        "[\"a\",\"b\"] # [\"c\",\"d\"] # [\"c\",\"d\"]",
        "{\"a\":\"b\"} # [\"c\"] # [\"c\"]",
        "{\"a\":\"foo\"} # null # null",
        "{\"a\":\"foo\"} # \"bar\" # \"bar\"",
        "{\"e\":null} # {\"a\":1} # {\"e\":null,\"a\":1}",
        "[1,2] # {\"a\":\"b\",\"c\":null} # {\"a\":\"b\"}",
        "{} # {\"a\":{\"bb\":{\"ccc\":null}}} # {\"a\":{\"bb\":{}}}",
      })
  void mergesAreThoseOfTheRfc(String document, String patch, String result) {
    assertThat(new MergePatchDocument(json(patch)).applyTo(json(document))).hasToString(result);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "{\"a\":1} # {\"a\":1} # None[]",
        "{\"a\":1,\"b\":2} # {\"a\":3,\"b\":2} # At[path=a, value=3]",
        "{\"a\":1,\"b\":2} # {\"b\":2} # At[path=a, value=null]",
        "{\"a\":1} # {\"a\":1,\"b\":{\"c\":[]}} # At[path=b, value={\"c\":[]}]",
        "{\"a\":{\"b\":{\"c\":1}}} # {\"a\":{\"b\":{\"c\":2}}} # At[path=a.b.c, value=2]",
        "{\"a\":{\"b\":1,\"c\":1}} # {\"a\":{\"b\":2,\"c\":2}} # At[path=a,"
            + " value={\"b\":2,\"c\":2}]",
        "{\"a\":[1,2]} # {\"a\":[1]} # At[path=a, value=[1]]",
        "{\"a\":1,\"b\":1} # {\"a\":2,\"b\":2} # Whole[]",
        "{\"a.b\":1} # {\"a.b\":2} # Whole[]",
        "{\"a\":{\"b[0]\":1}} # {\"a\":{\"b[0]\":2}} # At[path=a, value={\"b[0]\":2}]",
        "{\"__proto__\":1} # {\"__proto__\":2} # Whole[]",
        "[1] # [2] # Whole[]",
        "[] # {} # Whole[]",
      })
  void aChangeIsSentAsTheSmallestPlaceThatHoldsIt(String before, String after, String difference) {
    Difference found = Difference.between(json(before), json(after));

    assertThat(found).hasToString(difference);
    if (found instanceof Difference.At(String path, JsonNode value)) {
      // What everybody else makes of it is what was meant.
      ContainerNode<?> copy = (ContainerNode<?>) json(before);
      JsonPatch.apply(copy, JsonPath.parse(path).orElseThrow(), value);
      assertThat(copy).isEqualTo(json(after));
    }
  }
}

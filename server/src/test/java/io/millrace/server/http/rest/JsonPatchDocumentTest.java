package io.millrace.server.http.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.value.Json;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON Patch (RFC 6902): its own examples, what it forbids, and the limits. */
final class JsonPatchDocumentTest {
  private static final long MAX_LENGTH = 10_000;

  private static JsonNode json(String text) {
    return Json.parse(text).orElseThrow();
  }

  private static JsonNode apply(String document, String patch) throws PatchException {
    return JsonPatchDocument.parse(json(patch), MAX_LENGTH).applyTo(json(document));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "{\"foo\":1} # {\"op\":\"add\",\"path\":\"/baz\",\"value\":2} # {\"foo\":1,\"baz\":2}",
        "{\"a\":[1,3]} # {\"op\":\"add\",\"path\":\"/a/1\",\"value\":2} # {\"a\":[1,2,3]}",
        "{\"a\":[1]} # {\"op\":\"add\",\"path\":\"/a/-\",\"value\":[2]} # {\"a\":[1,[2]]}",
        "{\"a\":[1]} # {\"op\":\"add\",\"path\":\"/a/1\",\"value\":2} # {\"a\":[1,2]}",
        "{\"a\":1} # {\"op\":\"add\",\"path\":\"\",\"value\":{}} # {}",
        "{\"a\":1,\"b\":2} # {\"op\":\"remove\",\"path\":\"/a\"} # {\"b\":2}",
        "{\"a\":[1,2,3]} # {\"op\":\"remove\",\"path\":\"/a/1\"} # {\"a\":[1,3]}",
        "{\"a\":1,\"b\":2} # {\"op\":\"replace\",\"path\":\"/a\",\"value\":3} # {\"a\":3,\"b\":2}",
        "{\"a\":[1,2]} # {\"op\":\"replace\",\"path\":\"/a/0\",\"value\":3} # {\"a\":[3,2]}",
        "{\"a\":{\"b\":1},\"c\":{}} # {\"op\":\"move\",\"from\":\"/a/b\",\"path\":\"/c/d\"}"
            + " # {\"a\":{},\"c\":{\"d\":1}}",
        "{\"a\":[1,2,3]} # {\"op\":\"move\",\"from\":\"/a/0\",\"path\":\"/a/2\"} # {\"a\":[2,3,1]}",
        "{\"a\":1} # {\"op\":\"move\",\"from\":\"/a\",\"path\":\"/a\"} # {\"a\":1}",
        "{\"a\":{}} # {\"op\":\"copy\",\"from\":\"\",\"path\":\"/a/x\"} #"
            + " {\"a\":{\"x\":{\"a\":{}}}}",
        "{\"a\":null} # {\"op\":\"test\",\"path\":\"/a\",\"value\":null} # {\"a\":null}",
        "{\"a\":[1.0,{\"b\":\"c\"}]} #"
            + " {\"op\":\"test\",\"path\":\"/a\",\"value\":[1,{\"b\":\"c\"}]} #"
            + " {\"a\":[1.0,{\"b\":\"c\"}]}",
        "{\"/\":1,\"~1\":2} # {\"op\":\"remove\",\"path\":\"/~01\"} # {\"/\":1}",
        "{\"/\":1,\"\":2} # {\"op\":\"remove\",\"path\":\"/\"} # {\"/\":1}",
        "{\"0\":1} # {\"op\":\"remove\",\"path\":\"/0\"} # {}",
        "{\"a\":1} # {\"op\":\"add\",\"path\":\"/a\",\"value\":2,\"more\":3} # {\"a\":2}",
      })
  void anOperationHasItsEffect(String document, String operation, String result) throws Exception {
    assertThat(apply(document, "[" + operation + "]")).hasToString(result);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"op\":\"add\",\"path\":\"/x/y\",\"value\":1}",
        "{\"op\":\"add\",\"path\":\"/s/y\",\"value\":1}",
        "{\"op\":\"add\",\"path\":\"/a/3\",\"value\":1}",
        "{\"op\":\"add\",\"path\":\"/a/01\",\"value\":1}",
        "{\"op\":\"add\",\"path\":\"/a/x\",\"value\":1}",
        "{\"op\":\"remove\",\"path\":\"/x\"}",
        "{\"op\":\"remove\",\"path\":\"/a/-\"}",
        "{\"op\":\"remove\",\"path\":\"\"}",
        "{\"op\":\"replace\",\"path\":\"/x\",\"value\":1}",
        "{\"op\":\"replace\",\"path\":\"/a/2\",\"value\":1}",
        "{\"op\":\"move\",\"from\":\"/x\",\"path\":\"/y\"}",
        "{\"op\":\"move\",\"from\":\"/o\",\"path\":\"/o/p\"}",
        "{\"op\":\"copy\",\"from\":\"/x\",\"path\":\"/y\"}",
        "{\"op\":\"test\",\"path\":\"/x\",\"value\":null}",
        "{\"op\":\"test\",\"path\":\"/s\",\"value\":\"other\"}",
        "{\"op\":\"test\",\"path\":\"/a\",\"value\":[2,1]}",
        "{\"op\":\"test\",\"path\":\"/o\",\"value\":{\"p\":{\"q\":2}}}",
        "{\"op\":\"test\",\"path\":\"/a/0\",\"value\":\"1\"}",
      })
  void anOperationThatDoesNotFitFailsThePatch(String operation) {
    String document = "{\"a\":[1,2],\"s\":\"text\",\"o\":{\"p\":{\"q\":1}}}";

    assertThatThrownBy(() -> apply(document, "[" + operation + "]"))
        .isInstanceOfSatisfying(
            PatchException.class, e -> assertThat(e.problem().status()).isEqualTo(422));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[7]",
        "[{}]",
        "[{\"op\":\"spam\",\"path\":\"/a\"}]",
        "[{\"op\":\"add\",\"path\":\"/a\"}]",
        "[{\"op\":\"add\",\"value\":1}]",
        "[{\"op\":\"add\",\"path\":\"a\",\"value\":1}]",
        "[{\"op\":\"add\",\"path\":\"/a~2\",\"value\":1}]",
        "[{\"op\":\"add\",\"path\":\"/a~\",\"value\":1}]",
        "[{\"op\":\"add\",\"path\":7,\"value\":1}]",
        "[{\"op\":\"move\",\"path\":\"/a\"}]",
      })
  void whatIsNoPatchIsMalformed(String patch) {
    assertThatThrownBy(() -> apply("{\"a\":1}", patch))
        .isInstanceOfSatisfying(
            PatchException.class, e -> assertThat(e.problem().status()).isEqualTo(400));
  }

  @Test
  void theDocumentStaysAsItIsWhenTheEndFails() {
    JsonNode document = json("{\"a\":[1]}");

    assertThatThrownBy(
            () ->
                JsonPatchDocument.parse(
                        json(
                            "[{\"op\":\"remove\",\"path\":\"/a/0\"},{\"op\":\"remove\",\"path\":\"/b\"}]"),
                        MAX_LENGTH)
                    .applyTo(document))
        .hasMessageContaining("operation 1");
    assertThat(document).hasToString("{\"a\":[1]}");
  }

  /** Each copy doubles the document: thirty of them would be a gigabyte. */
  @Test
  void copiesCannotFillTheHeap() {
    String copies =
        IntStream.range(0, 30)
            .mapToObj(i -> "{\"op\":\"copy\",\"from\":\"\",\"path\":\"/c" + i + "\"}")
            .collect(Collectors.joining(",", "[", "]"));

    assertThatThrownBy(() -> apply("{\"a\":\"x\"}", copies)).hasMessageContaining("too large");
  }

  @Test
  void copiesCannotMakeADocumentThatIsTooDeepToBeRead() {
    String deep = "[".repeat(400) + "]".repeat(400);
    String patch = "[{\"op\":\"copy\",\"from\":\"/a\",\"path\":\"/a" + "/0".repeat(399) + "/-\"}]";

    assertThatThrownBy(() -> apply("{\"a\":" + deep + "}", patch)).hasMessageContaining("too deep");
  }

  @Test
  void pointersAndPatchesHaveALength() {
    assertThatThrownBy(
            () ->
                apply(
                    "{}",
                    "[{\"op\":\"add\",\"path\":\"" + "/a".repeat(100_000) + "\",\"value\":1}]"))
        .isInstanceOf(PatchException.class);
    String operations =
        IntStream.rangeClosed(0, JsonPatchDocument.MAX_OPERATIONS)
            .mapToObj(i -> "{\"op\":\"remove\",\"path\":\"/a\"}")
            .collect(Collectors.joining(",", "[", "]"));
    assertThatThrownBy(() -> apply("{}", operations)).hasMessageContaining("operations");
  }
}

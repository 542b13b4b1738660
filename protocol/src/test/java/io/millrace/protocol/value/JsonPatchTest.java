package io.millrace.protocol.value;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import io.millrace.protocol.Limits;
import io.millrace.protocol.value.JsonPatch.Result;
import io.millrace.protocol.value.JsonPatch.Result.Applied;
import io.millrace.protocol.value.JsonPatch.Result.Refused;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonPatchTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                 | a.b.c      | 1    | {'a':{'b':{'c':1}}}",
        "{}                 | a.0        | 1    | {'a':{'0':1}}",
        "{'a':[1,2]}        | a.0        | 9    | {'a':[9,2]}",
        "{}                 | a[2].b     | 1    | {'a':[null,null,{'b':1}]}",
        "{}                 | a[0][1]    | 1    | {'a':[[null,1]]}",
        "{}                 | ' a . b '  | 1    | {'a':{'b':1}}",
        "{}                 | [0]        | 1    | {'':[1]}",
        "{'a':null}         | a.b        | 1    | {'a':{'b':1}}",
        "{'a':'x'}          | a[1]       | null | {'a':[null,null]}",
        "{'a':{'x':1}}      | a[1]       | 2    | {'a':{'x':1,'1':2}}",
        "{'a':[0]}          | a[3]       | 1    | {'a':[0,null,null,1]}",
        "{}                 | no.such.path |    | {'no':{'such':{}}}",
        "{}                 | a[2]       |      | {'a':[null,null]}",
        "{'a':[1,2,3]}      | a[1]       |      | {'a':[1,null,3]}",
        "{'a':[1,2,3]}      | a[2]       |      | {'a':[1,2,null]}",
        "{'a':[1]}          | a[7]       |      | {'a':[1]}",
        "{'a':[1]}          | a.name     |      | {'a':[1]}",
        "{'a':1,'b':2}      | a          |      | {'b':2}",
      })
  void patchesAsTheProtocolSays(String before, String path, @Nullable String value, String after) {
    ContainerNode<?> document = document(before);

    assertThat(apply(document, path, value)).isInstanceOf(Applied.class);
    assertThat(document).isEqualTo(document(after));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'a':[1]} | a.name",
        "{'a':[1]} | a.01",
        "{'a':[1]} | a[-1]",
        "{'a':[1]} | a.length",
        "{'a':[1]} | a.name.first",
        "{}        | a[-1]",
        "[1]       | a",
      })
  void whatWouldBeLostIsRefusedAndChangesNothing(String before, String path) {
    ContainerNode<?> document = document(before);

    assertThat(apply(document, path, "1")).isInstanceOf(Refused.class);
    assertThat(document).isEqualTo(document(before));
  }

  @Test
  void anArrayGrowsByALimitedNumberOfSlots() {
    int gap = Limits.MAX_ARRAY_GAP;
    assertThat(apply(document("{}"), "a[" + gap + "]", "1")).isInstanceOf(Applied.class);
    assertThat(apply(document("{}"), "a[" + (gap + 1) + "]", "1")).isInstanceOf(Refused.class);
    assertThat(apply(document("{'a':[0]}"), "a[" + (gap + 1) + "]", "1"))
        .isInstanceOf(Applied.class);
    assertThat(apply(document("{'a':[0]}"), "a[" + (gap + 2) + "]", "1"))
        .isInstanceOf(Refused.class);
    assertThat(apply(document("{}"), "a[2147483647]", null)).isInstanceOf(Refused.class);
  }

  @Test
  void theLimitHoldsForAllArraysOfAPathTogether() {
    int half = Limits.MAX_ARRAY_GAP / 2;
    String both = "a[" + half + "][" + half + "]";
    assertThat(apply(document("{}"), both, "1")).isInstanceOf(Applied.class);
    assertThat(apply(document("{}"), both + "[1]", "1")).isInstanceOf(Refused.class);
    assertThat(apply(document("{'a':[]}"), both + "[1]", "1")).isInstanceOf(Refused.class);
  }

  @Test
  void aDocumentNeverBecomesTooDeepToBeReadAgain() {
    String deepest = "[".repeat(Limits.MAX_JSON_DEPTH - 2) + "]".repeat(Limits.MAX_JSON_DEPTH - 2);
    ContainerNode<?> document = document("{}");

    assertThat(apply(document, "a.b", deepest)).isInstanceOf(Applied.class);
    assertThat(Json.parse(Json.text(document))).contains(document);
    assertThat(apply(document, "a.b.c", deepest)).isInstanceOf(Refused.class);
  }

  @Test
  void aMemberErasedFromALargeObjectComesBackAtTheEnd() {
    int size = JsonSlot.MAX_REORDERED + 1;
    String members =
        IntStream.range(0, size)
            .mapToObj(i -> "'k" + i + "':" + i)
            .collect(Collectors.joining(","));
    ContainerNode<?> document = document("{" + members + "}");

    Applied applied = (Applied) apply(document, "k3", null);
    applied.undo().run();

    assertThat(document).isEqualTo(document("{" + members + "}"));
    List<String> names = new ArrayList<>();
    document.fieldNames().forEachRemaining(names::add);
    assertThat(names).endsWith("k3");
  }

  @Test
  void severalPatchesAreUndoneInReverse() {
    String before = "{'a':[1,{'b':2}],'c':'x','d':null}";
    ContainerNode<?> document = document(before);
    String text = Json.text(document).text();
    List<JsonPatch.Undo> undos = new ArrayList<>();
    long growth = 0;
    for (String path : List.of("a[1].b", "a[4]", "c.d.e", "a", "f[2].g", "d")) {
      Applied applied = (Applied) apply(document, path, path.equals("a") ? null : "[7]");
      undos.add(applied.undo());
      growth += applied.growth();
    }

    assertThat((long) Json.text(document).text().length()).isEqualTo(text.length() + growth);
    Collections.reverse(undos);
    undos.forEach(JsonPatch.Undo::run);
    assertThat(Json.text(document).text()).isEqualTo(text);
  }

  private static Result apply(ContainerNode<?> document, String path, @Nullable String value) {
    JsonNode node = value == null ? null : Json.parse(value).orElseThrow();
    return JsonPatch.apply(document, JsonPath.parse(path).orElseThrow(), node);
  }

  private static ContainerNode<?> document(String text) {
    return (ContainerNode<?>) Json.parse(text.replace('\'', '"')).orElseThrow();
  }
}

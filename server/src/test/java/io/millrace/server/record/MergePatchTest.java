package io.millrace.server.record;

import static io.millrace.server.record.Cells.NAME;
import static io.millrace.server.record.Cells.delta;
import static io.millrace.server.record.Cells.json;
import static io.millrace.server.record.Cells.missing;
import static io.millrace.server.record.Cells.object;
import static io.millrace.server.record.Cells.path;
import static io.millrace.server.record.Cells.tree;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Merges as RFC 7396 says, however narrow the write that they come to. */
final class MergePatchTest {
  private final RecordWrites writes = new RecordWrites(1_000_000);

  private RecordCell holding(JsonNode data) {
    RecordCell cell = missing();
    writes.decide(NAME, cell, Cells.upsert(1, data.toString()), 1, null);
    return cell;
  }

  private JsonNode merged(RecordCell cell, DeltaOperation operation) {
    WriteOutcome outcome = writes.decide(NAME, cell, delta(1, operation), 1, null).outcome();
    assertThat(outcome).isInstanceOf(WriteOutcome.Applied.class);
    JsonNode data = cell.data();
    assertThat(data).isNotNull();
    assertThat(cell.size()).isEqualTo(Cells.text(cell).length());
    return data == null ? missingNode() : data;
  }

  private static JsonNode missingNode() {
    throw new AssertionError("there is no record");
  }

  /** Those examples of appendix A whose patch is an object: others are a Set. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'a':'b'}              | {'a':'c'}                 | {'a':'c'}",
        "{'a':'b'}              | {'b':'c'}                 | {'a':'b','b':'c'}",
        "{'a':'b'}              | {'a':null}                | {}",
        "{'a':'b','b':'c'}      | {'a':null}                | {'b':'c'}",
        "{'a':['b']}            | {'a':'c'}                 | {'a':'c'}",
        "{'a':'c'}              | {'a':['b']}               | {'a':['b']}",
        "{'a':{'b':'c'}}        | {'a':{'b':'d','c':null}}  | {'a':{'b':'d'}}",
        "{'a':[{'b':'c'}]}      | {'a':[1]}                 | {'a':[1]}",
        "{'e':null}             | {'a':1}                   | {'e':null,'a':1}",
        "[1,2]                  | {'a':'b','c':null}        | {'a':'b'}",
        "{}                     | {'a':{'bb':{'ccc':null}}} | {'a':{'bb':{}}}",
        "{'a':{'b':1}}          | {}                        | {'a':{'b':1}}",
      })
  void examplesOfTheRfc(String target, String patch, String result) {
    JsonNode expected = json(result.replace('\'', '"'));
    ObjectNode change = object(patch.replace('\'', '"'));
    assertThat(merged(holding(json(target.replace('\'', '"'))), new DeltaOperation.Merge(change)))
        .isEqualTo(expected);
    RecordCell nested = holding(json("{\"x\":[0,%s]}".formatted(target.replace('\'', '"'))));
    assertThat(merged(nested, new DeltaOperation.MergeAt(path("x[1]"), change)).at("/x/1"))
        .isEqualTo(expected);
  }

  @Test
  void aMissingRecordCountsAsAnEmptyObject() {
    assertThat(merged(missing(), new DeltaOperation.Merge(object("{\"a\":{\"b\":1,\"c\":null}}"))))
        .isEqualTo(json("{\"a\":{\"b\":1}}"));
    assertThat(merged(missing(), new DeltaOperation.MergeAt(path("x.y"), object("{\"c\":null}"))))
        .isEqualTo(json("{\"x\":{\"y\":{}}}"));
  }

  /** So that a seat's change costs and sends no more than the seat. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'seats':{'a1':{'state':'sold'}}}         | seats.a1.state | 'sold'",
        "{'seats':{'a1':{'state':'sold','by':7}}}  | seats.a1       |"
            + " {'state':'sold','by':7,'price':5}",
        "{'seats':{'a1':{'price':null}}}           | seats.a1.price | -",
        "{'seats':{'a9':{'state':'free'}}}         | seats.a9       | {'state':'free'}",
        "{'seats':{'a1':null}}                     | seats.a1       | -",
      })
  void oneBranchBecomesOneWriteWhereItChanges(String patch, String path, String value) {
    RecordCell cell = holding(json("{\"seats\":{\"a1\":{\"state\":\"free\",\"price\":5}}}"));
    RecordCommand command =
        DeltaEffects.of(new DeltaOperation.Merge(object(patch.replace('\'', '"'))), cell)
            .orElseThrow();
    assertThat(command).isInstanceOf(RecordCommand.WritePaths.class);
    PathWrite write = ((RecordCommand.WritePaths) command).writes().get(0);
    assertThat(write.path().text()).isEqualTo(path);
    if (value.equals("-")) {
      assertThat(write.value()).isNull();
    } else {
      assertThat(write.value()).isEqualTo(json(value.replace('\'', '"')));
    }
  }

  @Test
  void toEraseWhatIsNotThereIsNothing() {
    RecordCell cell = holding(json("{\"seats\":{\"a1\":1}}"));
    assertThat(DeltaEffects.of(new DeltaOperation.Merge(object("{\"seats\":{\"a2\":null}}")), cell))
        .isEmpty();
  }

  /** Keys that no path can say, or that a path would take for something else. */
  @ParameterizedTest
  @CsvSource({"a.b", "a[0]", "'', ", "' a '", "]", "__proto__", "constructor", "0", "007"})
  void keysThatAreNoPathsAreMergedAllTheSame(String key) {
    String name = key == null ? "" : key;
    ObjectNode target = object("{\"k\":{\"stays\":1}}");
    target.withObjectProperty("k").put(name, 1);
    ObjectNode patch = object("{\"k\":{}}");
    patch.withObjectProperty("k").putObject(name).put("x", 2);
    assertThat(merged(holding(target), new DeltaOperation.Merge(patch)))
        .isEqualTo(reference(target, patch));
    ObjectNode drop = object("{\"k\":{}}");
    drop.withObjectProperty("k").putNull(name);
    assertThat(merged(holding(target), new DeltaOperation.Merge(drop)))
        .isEqualTo(json("{\"k\":{\"stays\":1}}"));
  }

  @Test
  void anyMergeIntoAnyTreeIsWhatTheRfcSays() {
    for (int seed = 0; seed < 3_000; seed++) {
      RandomTrees random = new RandomTrees(new Random(seed));
      JsonNode target = random.container(4);
      ObjectNode patch = random.mergePatch(4);
      JsonNode expected = reference(target, patch);
      assertThat(merged(holding(target), new DeltaOperation.Merge(patch.deepCopy())))
          .as("seed %d: %s merged with %s", seed, target, patch)
          .isEqualTo(expected);
    }
  }

  @Test
  void anyMergeAtAPathIsWhatTheRfcSays() {
    for (int seed = 0; seed < 1_000; seed++) {
      RandomTrees random = new RandomTrees(new Random(seed));
      JsonNode target = random.value(3);
      ObjectNode patch = random.mergePatch(3);
      JsonNode expected = reference(target, patch);
      RecordCell cell = holding(tree("{\"x\":[" + target + "]}"));
      assertThat(
              merged(cell, new DeltaOperation.MergeAt(path("x[0]"), patch.deepCopy())).at("/x/0"))
          .as("seed %d: %s merged with %s", seed, target, patch)
          .isEqualTo(expected);
    }
  }

  /** The pseudo code of RFC 7396 §2. */
  static JsonNode reference(JsonNode target, JsonNode patch) {
    if (!(patch instanceof ObjectNode change)) {
      return patch.deepCopy();
    }
    ObjectNode result =
        target instanceof ObjectNode object ? object.deepCopy() : change.objectNode();
    for (Map.Entry<String, JsonNode> each : change.properties()) {
      if (each.getValue().isNull()) {
        result.remove(each.getKey());
      } else {
        result.set(each.getKey(), reference(result.path(each.getKey()), each.getValue()));
      }
    }
    return result;
  }
}

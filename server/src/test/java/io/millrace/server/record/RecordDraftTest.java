package io.millrace.server.record;

import static io.millrace.server.record.Cells.NAME;
import static io.millrace.server.record.Cells.delta;
import static io.millrace.server.record.Cells.holding;
import static io.millrace.server.record.Cells.missing;
import static io.millrace.server.record.Cells.object;
import static io.millrace.server.record.Cells.path;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.record.Cells.Content;
import io.millrace.server.record.RecordChange.At;
import io.millrace.server.record.RecordWrites.Decision;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Deltas of several steps. */
final class RecordDraftTest {
  private final RecordWrites writes = new RecordWrites(1_000);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'foo':'bar'} | [{'op':'add','path':'/baz','value':'qux'}] | {'foo':'bar','baz':'qux'}",
        "{'foo':['bar','baz']} | [{'op':'add','path':'/foo/1','value':'qux'}]"
            + " | {'foo':['bar','qux','baz']}",
        "{'baz':'qux','foo':'bar'} | [{'op':'remove','path':'/baz'}] | {'foo':'bar'}",
        "{'foo':['bar','qux','baz']} | [{'op':'remove','path':'/foo/1'}] | {'foo':['bar','baz']}",
        "{'baz':'qux'} | [{'op':'replace','path':'/baz','value':'boo'}] | {'baz':'boo'}",
        "{'foo':{'bar':'baz','waldo':'fred'},'qux':{'corge':'grault'}}"
            + " | [{'op':'move','from':'/foo/waldo','path':'/qux/thud'}]"
            + " | {'foo':{'bar':'baz'},'qux':{'corge':'grault','thud':'fred'}}",
        "{'foo':['all','grass','cows','eat']} | [{'op':'move','from':'/foo/1','path':'/foo/3'}]"
            + " | {'foo':['all','cows','eat','grass']}",
        "{'foo':['bar']} | [{'op':'add','path':'/foo/-','value':['abc','def']}]"
            + " | {'foo':['bar',['abc','def']]}",
        "{'foo':null} |"
            + " [{'op':'test','path':'/foo','value':null},{'op':'add','path':'/a~1b~0','value':1}]"
            + " | {'foo':null,'a/b~':1}",
        "{'a':{'b':[1.0]}} | [{'op':'test','path':'/a','value':{'b':[1]}},"
            + "{'op':'copy','from':'/a/b','path':'/c'}] | {'a':{'b':[1.0]},'c':[1.0]}",
        "{'a':1} | [{'op':'replace','path':'','value':[1]},{'op':'add','path':'/-','value':2}] |"
            + " [1,2]",
      })
  void patchesAsTheRfcSays(String before, String patch, String after) {
    RecordCell cell = holding(4, json(before));

    Decision decision = decide(cell, jsonPatch(patch));

    assertThat(decision.outcome()).isEqualTo(new WriteOutcome.Applied(7, 5));
    assertThat(Cells.text(cell)).isEqualTo(json(after));
    assertThat(cell.size()).isEqualTo(after.length());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'op':'remove','path':'/x'} | remove | there is nothing at that place",
        "{'op':'replace','path':'/x','value':1} | replace | there is nothing at that place",
        "{'op':'test','path':'/a','value':[1]} | test | the value is another one",
        "{'op':'test','path':'/x','value':1} | test | there is nothing at that place",
        "{'op':'add','path':'/x/y','value':1} | add | there is no object or array at that place",
        "{'op':'add','path':'/a/4','value':1} | add | there is no such place in the array",
        "{'op':'add','path':'/a/01','value':1} | add | there is no such place in the array",
        "{'op':'move','from':'/a','path':'/a/0'} | move | nothing can be moved into itself",
        "{'op':'copy','from':'/a/-','path':'/x'} | copy | there is nothing at that place",
        "{'op':'remove','path':''} | remove | the whole data cannot be removed",
        "{'op':'replace','path':'','value':1} | replace"
            + " | the data of a record is an object or an array",
      })
  void refusesAsAWholeAndSaysWhichOperation(String operation, String op, String reason) {
    RecordCell cell = holding(4, "{\"a\":[1,2],\"b\":3}");
    Content before = Content.of(cell);
    String patch =
        "[{'op':'add','path':'/a/0','value':9},{'op':'remove','path':'/b'},"
            + "{'op':'add','path':'/c','value':0},"
            + operation
            + "]";

    assertThat(decide(cell, jsonPatch(patch)).outcome())
        .isEqualTo(new WriteOutcome.Invalid("JSON Patch operation 3 (" + op + "): " + reason));
    assertThat(Content.of(cell)).isEqualTo(before);
    assertThat(Cells.text(cell)).isEqualTo("{\"a\":[1,2],\"b\":3}");
  }

  @Test
  void followersAreToldOnlyWhatChanged() {
    String seats = "{\"seats\":{\"a\":{\"s\":1},\"b\":{\"s\":1}},\"log\":[1,2],\"x.y\":{\"z\":1}}";

    assertThat(told(seats, jsonPatch("[{'op':'replace','path':'/seats/a/s','value':2}]")))
        .containsExactly(at("seats.a.s", "2"));
    assertThat(told(seats, jsonPatch("[{'op':'remove','path':'/seats/a'}]")))
        .containsExactly(at("seats.a", null));
    assertThat(told(seats, jsonPatch("[{'op':'add','path':'/log/-','value':3}]")))
        .containsExactly(at("log[2]", "3"));
    assertThat(told(seats, jsonPatch("[{'op':'remove','path':'/log/0'}]")))
        .as("later elements move")
        .containsExactly(at("log", "[2]"));
    assertThat(
            told(
                seats,
                jsonPatch(
                    "[{'op':'add','path':'/seats/a/s','value':2},"
                        + "{'op':'add','path':'/seats/a','value':{'t':3}}]")))
        .as("the end of it, once")
        .containsExactly(at("seats.a", "{\"t\":3}"));
    assertThat(told(seats, jsonPatch("[{'op':'add','path':'/x.y/z','value':2}]")))
        .as("no path leads there")
        .isNull();
  }

  @Test
  void changesOfOneMessageAreOneVersion() {
    RecordCell cell = holding(4, "{\"seats\":{},\"more\":\"" + "x".repeat(100) + "\"}");

    Decision decision =
        decide(
            cell,
            new DeltaOperation.Sequence(
                List.of(
                    new DeltaOperation.Patch(path("seats.a"), Cells.json("1")),
                    new DeltaOperation.Merge(object("{\"seats\":{\"b\":2,\"c\":null}}")),
                    new DeltaOperation.Erase(path("seats.x")))));

    assertThat(decision.outcome()).isEqualTo(new WriteOutcome.Applied(7, 5));
    assertThat(body(decision))
        .isEqualTo(
            new RecordChange.Paths(
                List.of(at("seats.a", "1"), at("seats.b", "2"), at("seats.x", null))));
  }

  @Test
  void oneBadChangeOfAMessageTakesTheOthersAlong() {
    RecordCell cell = holding(4, "{\"a\":[1]}");
    Content before = Content.of(cell);

    assertThat(
            decide(
                    cell,
                    new DeltaOperation.Sequence(
                        List.of(
                            new DeltaOperation.Patch(path("b"), Cells.json("1")),
                            new DeltaOperation.Delete(),
                            new DeltaOperation.Patch(path("a[99999999]"), Cells.json("1")))))
                .outcome())
        .isEqualTo(new WriteOutcome.Invalid("change 2 of the message: array index out of range"));
    assertThat(Content.of(cell)).isEqualTo(before);
  }

  @Test
  void aRecordThatIsDeletedAndMadeAgainGoesOn() {
    RecordCell cell = holding(4, "{\"a\":[1]}");

    Decision decision =
        decide(
            cell,
            new DeltaOperation.Sequence(
                List.of(
                    new DeltaOperation.Patch(path("a[0]"), Cells.json("5")),
                    new DeltaOperation.Delete(),
                    new DeltaOperation.Patch(path("b"), Cells.json("1")))));

    assertThat(decision.outcome()).isEqualTo(new WriteOutcome.Applied(7, 5));
    assertThat(body(decision)).isEqualTo(new RecordChange.Whole(new JsonText("{\"b\":1}")));
  }

  @Test
  void aRecordThatIsDeletedLastIsGone() {
    RecordCell cell = holding(4, "{\"a\":[1]}");

    Decision decision =
        decide(
            cell,
            new DeltaOperation.Sequence(
                List.of(
                    new DeltaOperation.Patch(path("a[0]"), Cells.json("5")),
                    new DeltaOperation.Delete())));

    assertThat(body(decision)).isEqualTo(new RecordChange.Deleted());
    assertThat(cell.exists()).isFalse();
  }

  @Test
  void whatChangesNothingIsNoVersionButIsSeen() {
    RecordCell cell = holding(4, "{\"a\":1}");
    DeltaOperation test = jsonPatch("[{'op':'test','path':'/a','value':1}]");

    assertThat(decide(cell, test)).isEqualTo(new Decision(new WriteOutcome.Applied(7, 4), null));
    assertThat(decide(cell, test).outcome()).isEqualTo(new WriteOutcome.AlreadyApplied());
  }

  @Test
  void aPatchOfNothingMakesTheRecord() {
    RecordCell cell = missing();

    assertThat(decide(cell, jsonPatch("[{'op':'add','path':'/a','value':1}]")).outcome())
        .isInstanceOf(WriteOutcome.Applied.class);
    assertThat(Cells.text(cell)).isEqualTo("{\"a\":1}");

    RecordCell other = missing();
    assertThat(decide(other, jsonPatch("[{'op':'remove','path':'/a'}]")).outcome())
        .isInstanceOf(WriteOutcome.Invalid.class);
    assertThat(other.exists()).isFalse();
  }

  @Test
  void aRecordThatWouldGrowTooLargeStaysAsItWas() {
    RecordCell cell = holding(4, "{\"a\":\"" + "x".repeat(400) + "\"}");
    Content before = Content.of(cell);
    String doubling = "{'op':'copy','from':'','path':'/b'}";

    assertThat(decide(cell, jsonPatch("[" + doubling + "," + doubling + "]")).outcome())
        .isEqualTo(
            new WriteOutcome.Invalid("the record would measure 1234 characters, allowed are 1000"));
    assertThat(
            decide(
                    cell,
                    jsonPatch("[" + String.join(",", Collections.nCopies(900, doubling)) + "]"))
                .outcome())
        .isInstanceOf(WriteOutcome.Invalid.class);
    assertThat(Content.of(cell)).isEqualTo(before);
  }

  @Test
  void workThatLeavesTheSizeAsItIsHasAnEnd() {
    RecordCell cell = holding(4, "{\"a\":[" + "1,".repeat(400) + "1]}");
    Content before = Content.of(cell);
    String turn = "{'op':'move','from':'/a/400','path':'/a/0'}";

    assertThat(
            decide(cell, jsonPatch("[" + String.join(",", Collections.nCopies(900, turn)) + "]"))
                .outcome()
                .toString())
        .contains("too much of the record is moved about");
    assertThat(Content.of(cell)).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[1] | operation 0 has no path that is a JSON Pointer (RFC 6901)",
        "[{'op':'add','path':'a','value':1}] | operation 0 has no path",
        "[{'op':'remove','path':'/~2'}] | operation 0 has no path",
        "[{'op':'remove','path':'/a'},{'op':'add','path':'/a'}] | operation 1 has no value",
        "[{'op':'move','path':'/a'}] | operation 0 has no from",
        "[{'op':'patch','path':'/a'}] | operation 0 is none of add, remove, replace",
      })
  void malformedPatchesAreKnownBeforehand(String patch, String reason) {
    assertThat(JsonPatchOperations.fault((ArrayNode) Cells.json(json(patch))).orElseThrow())
        .contains(reason);
    assertThat(
            JsonPatchOperations.fault(
                (ArrayNode)
                    Cells.json(
                        json("[{'op':'remove','path':''},{'op':'test','path':'/','value':null}]"))))
        .isEmpty();
  }

  @Test
  void sequencesDoNotNest() {
    DeltaOperation inner = new DeltaOperation.Sequence(List.of());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DeltaOperation.Sequence(List.of(inner)));
  }

  private Decision decide(RecordCell cell, DeltaOperation operation) {
    return writes.decide(NAME, cell, delta(10, operation), 8, null);
  }

  /** What followers get; null: the whole. */
  private @Nullable List<At> told(String before, DeltaOperation operation) {
    RecordChange change = decide(holding(4, before), operation).change();
    assertThat(change).isNotNull();
    return switch (change.body()) {
      case RecordChange.Paths(List<At> paths) -> paths;
      case RecordChange.Whole whole -> null;
      case RecordChange.Deleted() -> throw new AssertionError("deleted");
    };
  }

  private static RecordChange.Body body(Decision decision) {
    RecordChange change = decision.change();
    assertThat(change).isNotNull();
    return change.body();
  }

  private static At at(String path, @Nullable String value) {
    return new At(path, value == null ? null : new JsonText(value));
  }

  private static DeltaOperation jsonPatch(String text) {
    return new DeltaOperation.JsonPatch((ArrayNode) Cells.json(json(text)));
  }

  private static String json(String text) {
    return text.replace('\'', '"');
  }
}

package io.millrace.server.mapping;

import static io.millrace.server.mapping.Messages.source;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonPath;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.DeltaOperation;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourceMappingTest {
  private static final SourceMapping SEATS =
      mapping("section/{key}", "patch", "seats.{payload.seat}", "payload.state");
  private static final SourceMapping WHOLE = mapping("section/{key}", "{header.op}", null, null);
  private static final SourceMapping PARTS = mapping("section/{key}", "{header.op}", "a", null);

  @Test
  void patchesAtThePathThatTheMessageFillsIn() {
    Attempt<MappedChange> delta =
        one(SEATS, message("seats", 7, "S1", "{'seat':'A12','state':{'v':'sold'}}"));

    assertThat(delta)
        .isEqualTo(
            Attempt.got(
                new MappedChange(
                    new RecordName("section/S1"),
                    new DeltaOperation.Patch(path("seats.A12"), json("{'v':'sold'}")))));
  }

  @Test
  void fillsInEveryKindOfPlaceholder() {
    SourceMapping mapping =
        mapping(
            "{topic}:{partition}:{key}:{header.h}:{payload.a[1].b}:{payload.n}:{payload.t}",
            "set",
            null,
            null);

    Attempt<MappedChange> delta =
        one(mapping, message("seats", 1, "k", "{'a':[0,{'b':'x'}],'n':4,'t':true}", "h", "v"));

    assertThat(delta.map(MappedChange::name))
        .isEqualTo(Attempt.got(new RecordName("seats:0:k:v:x:4:true")));
  }

  @Test
  void theLastHeaderOfANameCounts() {
    assertThat(operation(WHOLE, "{}", "op", "delete", "op", "set"))
        .isEqualTo(Attempt.got(new DeltaOperation.Set(container("{}"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"set", "SET", "Set"})
  void operationsAreKnownInAnyCase(String word) {
    assertThat(operation(WHOLE, "{'a':1}", "op", word))
        .isEqualTo(Attempt.got(new DeltaOperation.Set(container("{'a':1}"))));
  }

  @Test
  void withoutAPathPatchAndMergeAreAboutTheWholeRecord() {
    assertThat(operation(WHOLE, "[1]", "op", "patch"))
        .isEqualTo(Attempt.got(new DeltaOperation.Set(container("[1]"))));
    assertThat(operation(WHOLE, "{'a':null}", "op", "merge"))
        .isEqualTo(Attempt.got(new DeltaOperation.Merge((ObjectNode) json("{'a':null}"))));
  }

  @Test
  void withAPathMergeAndEraseAreAboutThatPlace() {
    assertThat(operation(PARTS, "{'b':1}", "op", "merge"))
        .isEqualTo(
            Attempt.got(new DeltaOperation.MergeAt(path("a"), (ObjectNode) json("{'b':1}"))));
    assertThat(operation(PARTS, "{}", "op", "erase"))
        .isEqualTo(Attempt.got(new DeltaOperation.Erase(path("a"))));
  }

  @Test
  void setAndDeleteAreAboutTheWholeRecordWhateverThePath() {
    assertThat(operation(PARTS, "{}", "op", "set"))
        .isEqualTo(Attempt.got(new DeltaOperation.Set(container("{}"))));
    assertThat(operation(PARTS, "no JSON needed", "op", "delete"))
        .isEqualTo(Attempt.got(new DeltaOperation.Delete()));
  }

  @Test
  void patchesANullThatIsThere() {
    assertThat(
            one(SEATS, message("t", 0, "k", "{'seat':'A','state':null}"))
                .map(MappedChange::operation))
        .isEqualTo(Attempt.got(new DeltaOperation.Patch(path("seats.A"), json("null"))));
  }

  @Test
  void aTombstoneDeletesTheRecord() {
    SourceMapping states = mapping("state/{key}", "set", null, null);

    assertThat(operation(states, null)).isEqualTo(Attempt.got(new DeltaOperation.Delete()));
    assertThat(operation(WHOLE, null)).isEqualTo(Attempt.got(new DeltaOperation.Delete()));
  }

  @Test
  void aTombstoneWithAnOperationInAHeaderDoesThat() {
    assertThat(operation(PARTS, null, "op", "erase"))
        .isEqualTo(Attempt.got(new DeltaOperation.Erase(path("a"))));
    assertRefused(
        one(WHOLE, message("t", 0, "k", null, "op", "set")), "message has no value needed as data");
  }

  @Test
  void aTombstoneOfAPartDoesNotDeleteTheWhole() {
    assertRefused(
        one(
            mapping("section/{header.s}", "patch", "seats.{key}", null),
            message("t", 0, "A12", null, "s", "S1")),
        "message has no value, which is no erase or delete where a path is configured");
  }

  @Test
  void aTombstoneThatDoesNotSayWhichRecordIsRefused() {
    assertRefused(
        one(mapping("section/{payload.s}", "set", null, null), message("t", 0, "k", null)),
        "message has no value needed by record template");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'state':1} | payload has no field 'seat' needed by path template",
        "{'seat':'A'} | payload has no field 'state' needed as data",
        "{'seat':null} | payload field 'seat' is no string, number or boolean needed by path"
            + " template",
        "{'seat':{}} | payload field 'seat' is no string, number or boolean needed by path"
            + " template",
        "{'seat':''} | empty payload field 'seat' needed by path template",
        "[] | payload has no field 'seat' needed by path template",
        "{'seat' | payload is not one JSON value of at most 500 levels needed by path template",
        "{} {} | payload is not one JSON value of at most 500 levels needed by path template",
        "`` | payload is not one JSON value of at most 500 levels needed by path template",
      })
  void saysWhatIsMissing(String payload, String reason) {
    assertRefused(one(SEATS, message("t", 0, "k", payload)), reason);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.b", "a[1", "a]", "1.5", " a", "a "})
  void valuesThatWouldBeMoreThanOneKeyOfThePathAreRefused(String seat) {
    assertRefused(
        one(SEATS, message("t", 0, "k", "{'seat':'" + seat + "','state':1}")),
        "payload field 'seat' with '.', '[', ']' or outer blanks, which no key of a path can"
            + " have, needed by path template");
  }

  @Test
  void aPathThatMayNotBeUsedIsRefused() {
    SourceMapping mapping = mapping("r", "patch", "{payload.seat}", null);

    assertRefused(
        one(mapping, message("t", 0, "k", "{'seat':'__proto__'}")),
        "path '__proto__' is none that may be used");
  }

  @Test
  void aMessageWithoutWhatTheRecordNameNeedsIsRefused() {
    assertRefused(
        one(WHOLE, message("t", 0, null, "{}", "op", "set")),
        "message has no key needed by record template");
    assertRefused(
        one(WHOLE, message("t", 0, "", "{}", "op", "set")), "empty key needed by record template");
    assertRefused(
        one(WHOLE, message("t", 0, "k".repeat(1020), "{}", "op", "set")),
        "record template gives a name of 1028 characters, 1024 are allowed");
  }

  @Test
  void anOperationThatIsMissingOrUnknownIsRefused() {
    assertRefused(
        one(WHOLE, message("t", 0, "k", "{}")),
        "message has no header 'op' needed by operation template");
    assertRefused(
        one(WHOLE, message("t", 0, "k", "{}", "op", "upsert")),
        "operation 'upsert' is none of set, patch, merge, erase, delete, json-patch");
    assertRefused(
        one(WHOLE, message("t", 0, "k", "{}", "op", "erase")),
        "operation erase needs a path, and there is none");
  }

  @Test
  void dataOfTheWrongKindIsRefused() {
    assertRefused(
        one(WHOLE, message("t", 0, "k", "1", "op", "set")),
        "data for a whole record is no object and no array");
    assertRefused(
        one(WHOLE, message("t", 0, "k", "[]", "op", "merge")), "data to merge is no object");
  }

  @Test
  void bytesThatAreNotUtf8AreRefused() {
    byte[] bad = {'"', (byte) 0xC3, '"'};
    SourceMessage badPayload =
        new SourceMessage(
            "t",
            0,
            0,
            0,
            new byte[] {'k'},
            bad,
            List.of(new SourceMessage.Header("op", "set".getBytes(UTF_8))));
    SourceMessage badKey = new SourceMessage("t", 0, 0, 0, bad, bad, List.of());

    assertRefused(one(WHOLE, badPayload), "payload is not UTF-8 needed as data");
    assertRefused(one(WHOLE, badKey), "key is not UTF-8 needed by record template");
  }

  @Test
  void aPayloadThatNestsTooDeepIsRefused() {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);

    assertRefused(
        one(WHOLE, message("t", 0, "k", deep, "op", "set")),
        "payload is not one JSON value of at most 500 levels needed as data");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      nullValues = "-",
      value = {
        "`` | set | - | - | the record template is empty",
        "{foo} | set | - | - | {foo} is none of",
        "{payload} | set | - | - | {payload} is none of",
        "{payload.__proto__} | set | - | - | is none of",
        "{header.} | set | - | - | {header.} is none of",
        "a{key | set | - | - | has a brace without its partner",
        "a}{key} | set | - | - | has a brace without its partner",
        "r | upsert | - | - | operation 'upsert' is none of",
        "r | erase | - | - | operation erase needs a path",
        "r | set | - | state | does not start with 'payload'",
        "r | set | - | payload.a[x] | is no JSON path",
      })
  void aSourceThatMakesNoSenseIsRefusedAtTheStart(
      String record,
      String operation,
      @Nullable String path,
      @Nullable String data,
      String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> mapping(record, operation, path, data))
        .withMessageContaining(reason);
  }

  /** With single quotes in the payload, for the reader's sake. */
  private static SourceMessage message(
      String topic,
      long offset,
      @Nullable String key,
      @Nullable String payload,
      String... headers) {
    String value = payload == null ? null : payload.replace('\'', '"');
    return Messages.message(topic, offset, key, value, headers);
  }

  private static SourceMapping mapping(
      String record, String operation, @Nullable String path, @Nullable String data) {
    return new SourceMapping(source("t", record, operation, path, data));
  }

  private static Attempt<DeltaOperation> operation(
      SourceMapping mapping, @Nullable String payload, String... headers) {
    return one(mapping, message("t", 0, "k", payload, headers)).map(MappedChange::operation);
  }

  private static Attempt<MappedChange> one(SourceMapping mapping, SourceMessage message) {
    return switch (mapping.map(message)) {
      case Mapped.Changes changes -> Attempt.got(changes.changes().getFirst());
      case Mapped.Refused(String reason) -> Attempt.refused(reason);
      case Mapped.Unavailable unavailable -> throw new AssertionError(unavailable);
    };
  }

  private static void assertRefused(Attempt<MappedChange> attempt, String reason) {
    assertThat(attempt).isEqualTo(Attempt.refused(reason));
  }

  private static JsonNode json(String text) {
    return Json.parse(text.replace('\'', '"')).orElseThrow();
  }

  private static ContainerNode<?> container(String text) {
    return (ContainerNode<?>) json(text);
  }

  private static JsonPath path(String text) {
    return JsonPath.parse(text).orElseThrow();
  }
}

package io.millrace.server.mapping;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonPath;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.config.DataSize;
import io.millrace.server.config.KafkaConfig;
import io.millrace.server.config.KafkaConfig.Condition;
import io.millrace.server.config.KafkaConfig.Envelope;
import io.millrace.server.record.DeltaOperation;
import java.util.Base64;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the examples of docs/kafka.md, which a test of their own runs, do not show. */
class EnvelopeTest {

  @Test
  void allChangesOfAMessageToOneRecordAreOneDelta() {
    SourceMapping mapping = each("r/{item.r}", "patch", "{item.p}", "item.v");

    assertThat(
            changes(
                mapping,
                "[{'r':'a','p':'x','v':1},{'r':'b','p':'x','v':2},{'r':'a','p':'y','v':3}]"))
        .containsExactly(
            new MappedChange(
                new RecordName("r/a"),
                new DeltaOperation.Sequence(List.of(patch("x", "1"), patch("y", "3")))),
            new MappedChange(new RecordName("r/b"), patch("x", "2")));
  }

  @Test
  void itemsDoNotShareTrees() {
    List<MappedChange> changes =
        changes(each("r/{item.r}", "set", null, "payload.0"), "[{'r':'a'},{'r':'b'}]");

    ((ObjectNode) ((DeltaOperation.Set) changes.get(0).operation()).data()).put("x", 1);

    assertThat(((DeltaOperation.Set) changes.get(1).operation()).data())
        .isEqualTo(json("{'r':'a'}"));
  }

  @Test
  void tooManyItemsAreRefused() {
    SourceMapping mapping = each("r", "patch", "p", "item");

    assertThat(changes(mapping, "[" + "1,".repeat(9_999) + "1]")).hasSize(1);
    assertThat(map(mapping, "[" + "1,".repeat(10_000) + "1]"))
        .isEqualTo(new Mapped.Refused("message has 10001 items, 10000 are allowed"));
  }

  @Test
  void itemsCanBeMereValues() {
    assertThat(changes(each("seat/{item}", "delete", null, null), "['a',7]"))
        .extracting(change -> change.name().value())
        .containsExactly("seat/a", "seat/7");
  }

  @Test
  void aMessageOfThisClusterIsLeftOutBeforeItIsRead() {
    SourceMapping mapping =
        new SourceMapping(
            source(Envelope.NONE, null, List.of(), "{key}", "set", null, null, null),
            TextFormat.INSTANCE,
            JsonFormat.INSTANCE,
            "here");
    SourceMessage own = Messages.message("t", 0, "k", "no JSON", "millrace.origin", "here");
    SourceMessage other = Messages.message("t", 0, "k", "{}", "millrace.origin", "there");

    assertThat(mapping.map(own)).isEqualTo(new Mapped.Changes(List.of()));
    assertThat(mapping.skipReason(own)).contains("this cluster wrote it");
    assertThat(mapping.map(other)).isNotEqualTo(new Mapped.Changes(List.of()));
    assertThat(mapping.skipReason(other)).isEmpty();
  }

  @Test
  void whatCannotBeReadNowIsUnavailableWhereverItIsNeeded() {
    CompletableFuture<Void> until = new CompletableFuture<>();
    PayloadFormat away =
        (message, isKey, bytes) -> new PayloadFormat.Decoded.Unavailable("no schema", until);
    Mapped unavailable = new Mapped.Unavailable("no schema", until);
    Condition onPayload = condition("payload.a", "1");

    for (KafkaConfig.Source source :
        List.of(
            source(Envelope.NONE, null, List.of(), "{key}", "set", null, null, null),
            source(Envelope.NONE, null, List.of(), "{key.a}", "delete", null, null, null),
            source(Envelope.NONE, null, List.of(onPayload), "r", "delete", null, null, null),
            source(Envelope.NONE, "payload", List.of(), "r", "set", null, null, null),
            source(Envelope.NATIVE, null, List.of(), null, "set", null, null, null),
            source(Envelope.DEBEZIUM, null, List.of(), "r", "set", null, null, null),
            source(Envelope.FLATTENED, null, List.of(), "r", "set", null, null, null))) {
      assertThat(
              new SourceMapping(source, away, away, null).map(Messages.message("t", 0, "k", "{}")))
          .as("%s", source)
          .isEqualTo(unavailable);
    }
  }

  @Test
  void theHostsNumberIsReadAndNeverInTheWay() {
    SourceMapping mapping =
        new SourceMapping(
            source(Envelope.NONE, null, List.of(), "{key}", "set", null, null, "{payload.n}"));

    assertThat(sequence(mapping, "{'n':42}")).hasValue(42);
    assertThat(sequence(mapping, "{'n':'43'}")).hasValue(43);
    assertThat(sequence(mapping, "{'n':'x'}")).isEmpty();
    assertThat(sequence(mapping, "{}")).isEmpty();
    assertThat(sequence(mapping, null)).isEmpty();
  }

  @Test
  void aFormatMayGiveStructuredKeys() {
    SourceMapping mapping =
        new SourceMapping(
            source(Envelope.NONE, null, List.of(), "{key.id}", "delete", null, null, null),
            JsonFormat.INSTANCE,
            JsonFormat.INSTANCE,
            null);
    SourceMapping whole =
        new SourceMapping(
            source(Envelope.NONE, null, List.of(), "{key}", "delete", null, null, null),
            JsonFormat.INSTANCE,
            JsonFormat.INSTANCE,
            null);

    assertThat(name(mapping, "{\"id\":7}")).isEqualTo("7");
    assertThat(name(whole, "\"S1\"")).isEqualTo("S1");
    assertThat(whole.map(Messages.message("t", 0, "{\"id\":7}", "{}")))
        .isEqualTo(
            new Mapped.Refused("key is no string, number or boolean needed by record template"));
  }

  @Test
  void aBrokenPayloadIsNoMissingField() {
    Condition missing = new Condition("payload.a", null, List.of(), List.of(), null, Boolean.FALSE);
    SourceMapping mapping =
        new SourceMapping(
            source(Envelope.NONE, null, List.of(missing), "{key}", "set", null, null, null));

    assertThat(map(mapping, "{"))
        .isEqualTo(
            new Mapped.Refused(
                "payload is not one JSON value of at most 500 levels needed by filter"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'__debezium_unavailable_value'",
        "'X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=='",
        "['__debezium_unavailable_value']",
        "{'__debezium_unavailable_value':'__debezium_unavailable_value'}",
      })
  void valuesThatDebeziumDoesNotKnowOverwriteNothing(String value) {
    assertThat("X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==")
        .isEqualTo(
            Base64.getEncoder().encodeToString("__debezium_unavailable_value".getBytes(UTF_8)));
    String event = "{'op':'u','after':{'id':1,'n':null,'doc':" + value + "}}";

    assertThat(operation(rows("set", null), event))
        .isInstanceOf(DeltaOperation.JsonPatch.class)
        .asString()
        .doesNotContain("doc")
        .contains("\"path\":\"/n\",\"value\":null");
    assertThat(operation(rows("merge", null), event))
        .isEqualTo(new DeltaOperation.Merge((ObjectNode) json("{'id':1,'n':null}")));
    assertThat(operation(rows("patch", "rows.{row.id}"), event))
        .isEqualTo(
            new DeltaOperation.Sequence(
                List.of(patch("rows.1.id", "1"), patch("rows.1.n", "null"))));
    assertThat(
            map(
                new SourceMapping(
                    source(Envelope.DEBEZIUM, null, List.of(), "r", "patch", "p", "row.doc", null)),
                event))
        .isEqualTo(new Mapped.Changes(List.of()));
  }

  @Test
  void aDeletedRowIsNotHeldBackByAFilterOnColumnsThatItLacks() {
    Condition eu = condition("row.region", "EU");
    SourceMapping mapping =
        new SourceMapping(
            source(Envelope.DEBEZIUM, null, List.of(eu), "c/{row.id}", "set", null, null, null));

    assertThat(changes(mapping, "{'op':'d','before':{'id':1,'region':null}}")).hasSize(1);
    assertThat(changes(mapping, "{'op':'d','before':{'id':1,'region':'US'}}")).isEmpty();
    assertThat(changes(mapping, "{'op':'c','after':{'id':1}}")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"[]", "{}", "{'id':1}", "{'op':'x'}", "{'op':'c'}", "{'op':'u','after':1}"})
  void whatIsNoEventIsRefused(String payload) {
    assertThat(map(rows("set", null), payload)).isInstanceOf(Mapped.Refused.class);
  }

  @Test
  void documentsOfMongoDbAreText() {
    assertThat(operation(rows("set", null), "{'op':'c','after':'{\\\"id\\\":1}'}"))
        .isEqualTo(new DeltaOperation.Set((ObjectNode) json("{'id':1}")));
  }

  @Test
  void aTombstoneThatNamesNoRowIsLeftOut() {
    SourceMapping mapping = rows("set", null);

    assertThat(mapping.map(Messages.message("t", 0, null, null)))
        .isEqualTo(new Mapped.Changes(List.of()));
    assertThat(mapping.map(Messages.message("t", 0, "{\"other\":1}", null)))
        .isEqualTo(new Mapped.Changes(List.of()));
  }

  private static SourceMapping rows(String operation, @Nullable String path) {
    return new SourceMapping(
        source(Envelope.DEBEZIUM, null, List.of(), "c/{row.id}", operation, path, null, null));
  }

  private static SourceMapping each(
      String record, String operation, @Nullable String path, @Nullable String data) {
    return new SourceMapping(
        source(Envelope.NONE, "payload", List.of(), record, operation, path, data, null));
  }

  private static KafkaConfig.Source source(
      Envelope envelope,
      @Nullable String each,
      List<Condition> filter,
      @Nullable String record,
      String operation,
      @Nullable String path,
      @Nullable String data,
      @Nullable String sequence) {
    return new KafkaConfig.Source(
        "s",
        List.of("t"),
        null,
        envelope,
        each,
        filter,
        record,
        operation,
        path,
        data,
        sequence,
        KafkaConfig.StartFrom.EARLIEST,
        null,
        new DataSize(1),
        KafkaConfig.Format.JSON,
        KafkaConfig.Format.TEXT,
        KafkaConfig.JsonRules.LOSSLESS);
  }

  private static Condition condition(String field, String value) {
    return new Condition(field, value, List.of(), List.of(), null, null);
  }

  private static Mapped map(SourceMapping mapping, @Nullable String payload) {
    return mapping.map(
        Messages.message("t", 0, "k", payload == null ? null : payload.replace('\'', '"')));
  }

  private static List<MappedChange> changes(SourceMapping mapping, @Nullable String payload) {
    Mapped mapped = map(mapping, payload);
    assertThat(mapped).isInstanceOf(Mapped.Changes.class);
    return ((Mapped.Changes) mapped).changes();
  }

  private static DeltaOperation operation(SourceMapping mapping, String payload) {
    return changes(mapping, payload).getFirst().operation();
  }

  private static OptionalLong sequence(SourceMapping mapping, @Nullable String payload) {
    return changes(mapping, payload).getFirst().sequence();
  }

  private static String name(SourceMapping mapping, String key) {
    return ((Mapped.Changes) mapping.map(Messages.message("t", 0, key, "{}")))
        .changes()
        .getFirst()
        .name()
        .value();
  }

  private static DeltaOperation patch(String path, String value) {
    return new DeltaOperation.Patch(JsonPath.parse(path).orElseThrow(), json(value));
  }

  private static JsonNode json(String text) {
    return Json.parse(text.replace('\'', '"')).orElseThrow();
  }
}

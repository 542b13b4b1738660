package io.millrace.server.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.record.RecordStorage;
import io.millrace.server.record.StorageException;
import io.millrace.server.record.StoredRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link RecordStorage} in a database does. */
abstract class RecordStorageContract {
  private static final Map<String, Long> POSITIONS = Map.of("seats/0", 17L, "seats/1", 1L << 40);

  /** The storage under test, empty at the start of a test. */
  abstract RecordStorage storage();

  /** Closes the storage and opens it on the same data. */
  abstract RecordStorage reopen();

  /** What a person does with the database's own tool meanwhile. */
  abstract void byHand(String sql);

  /** Makes the database itself fail each insert of a row of this name. */
  abstract void refuseRowsNamed(String name);

  @Test
  void aNameNeverSavedIsAbsent() {
    assertThat(storage().load(new RecordName("nobody"))).isEmpty();
  }

  @Test
  void whatWasSavedIsLoadedAlsoAfterReopening() {
    StoredRecord record = new StoredRecord(name("a"), 2, 7, json("{\"a\":[1,null]}"), POSITIONS);
    storage().save(List.of(record));
    assertThat(storage().load(name("a"))).contains(record);
    assertThat(reopen().load(name("a"))).contains(record);
  }

  @Test
  void anEmptyBatchIsNothing() {
    storage().save(List.of());
    assertThat(storage().load(name("a"))).isEmpty();
  }

  @Test
  void aNewerVersionReplaces() {
    storage().save(List.of(record("a", 1, 1)));
    storage().save(List.of(record("a", 1, 2)));
    assertThat(storage().load(name("a"))).contains(record("a", 1, 2));
  }

  @Test
  void anOldStateWrittenLateChangesNothing() {
    StoredRecord newest = new StoredRecord(name("a"), 1, 5, json("{}"), POSITIONS);
    storage().save(List.of(newest));
    storage().save(List.of(record("a", 1, 4)));
    storage().save(List.of(record("a", 0, 900)));
    assertThat(storage().load(name("a"))).contains(newest);
  }

  @Test
  void anOldRowDoesNotStopTheOthersOfItsBatch() {
    storage().save(List.of(record("a", 1, 5)));
    storage().save(List.of(record("a", 1, 4), record("b", 1, 1)));
    assertThat(storage().load(name("a"))).contains(record("a", 1, 5));
    assertThat(storage().load(name("b"))).contains(record("b", 1, 1));
  }

  @Test
  void theSameVersionReplacesBecausePositionsMayHaveMoved() {
    storage().save(List.of(new StoredRecord(name("a"), 1, 5, json("[]"), Map.of("t/0", 1L))));
    StoredRecord moved = new StoredRecord(name("a"), 1, 5, json("[]"), Map.of("t/0", 2L));
    storage().save(List.of(moved));
    assertThat(storage().load(name("a"))).contains(moved);
  }

  @Test
  void aNewIncarnationWinsWhateverItsVersion() {
    storage().save(List.of(record("a", 1, 500)));
    storage().save(List.of(record("a", 2, 0)));
    assertThat(storage().load(name("a"))).contains(record("a", 2, 0));
  }

  @Test
  void aDeletedRecordKeepsIncarnationVersionAndPositions() {
    storage().save(List.of(record("a", 1, 3)));
    StoredRecord deleted = new StoredRecord(name("a"), 1, 3, null, POSITIONS);
    storage().save(List.of(deleted));
    assertThat(storage().load(name("a"))).contains(deleted);
    assertThat(reopen().load(name("a"))).contains(deleted);
  }

  @Test
  void aLateWriteDoesNotBringADeletedRecordBack() {
    StoredRecord deleted = new StoredRecord(name("a"), 1, 3, null, POSITIONS);
    storage().save(List.of(deleted));
    storage().save(List.of(record("a", 1, 2)));
    assertThat(storage().load(name("a"))).contains(deleted);
  }

  @Test
  void onlyRecordsDeletedLongAgoAreForgotten() {
    storage().save(List.of(deleted("old"), deleted("fresh"), record("alive", 1, 1)));
    byHand("UPDATE records SET updated_at = '2020-02-02 00:00:00' WHERE name IN ('old', 'alive')");
    RecordStorage reopened = reopen();
    assertThat(reopened.load(name("old"))).isEmpty();
    assertThat(reopened.load(name("fresh"))).contains(deleted("fresh"));
    assertThat(reopened.load(name("alive"))).contains(record("alive", 1, 1));
  }

  @Test
  void aRecordDeletedAgainLatelyIsNotForgotten() {
    storage().save(List.of(record("a", 1, 1)));
    byHand("UPDATE records SET updated_at = '2020-02-02 00:00:00'");
    storage().save(List.of(deleted("a")));
    assertThat(reopen().load(name("a"))).contains(deleted("a"));
  }

  @Test
  void ofABatchWithOneBadRowNothingIsStored() {
    refuseRowsNamed("bad");
    storage().save(List.of(record("before", 1, 1)));
    List<StoredRecord> batch =
        List.of(record("before", 1, 2), record("a", 1, 1), record("bad", 1, 1), record("z", 1, 1));
    assertThatThrownBy(() -> storage().save(batch)).isInstanceOf(StorageException.class);
    assertThat(storage().load(name("before"))).contains(record("before", 1, 1));
    assertThat(storage().load(name("a"))).isEmpty();
    assertThat(storage().load(name("z"))).isEmpty();
  }

  @Test
  void aFailedBatchLeavesNothingBehindForTheNext() {
    refuseRowsNamed("bad");
    List<StoredRecord> bad = List.of(record("a", 1, 1), record("bad", 1, 1));
    assertThatThrownBy(() -> storage().save(bad)).isInstanceOf(StorageException.class);
    storage().save(List.of(record("b", 1, 1)));
    assertThat(storage().load(name("b"))).contains(record("b", 1, 1));
    assertThat(reopen().load(name("a"))).isEmpty();
  }

  @Test
  void theNewestOfSeveralStatesInOneBatchStays() {
    storage().save(List.of(record("a", 1, 1), record("a", 1, 3), record("a", 1, 2)));
    assertThat(storage().load(name("a"))).contains(record("a", 1, 3));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "it's",
        "\"quoted\"",
        "a;DROP TABLE records;--",
        "%",
        "_",
        "Плац 7",
        "席/🎫",
        "é",
        "e\u0301",
        " a ",
        "A",
        "tab\there",
        "line\nbreak",
        "NULL",
        "42",
        "nul\0",
        "\u0001",
        "\u00010",
        "\\u0000"
      })
  void anyNameIsItself(String odd) {
    StoredRecord record = record(odd, 1, 1);
    storage().save(List.of(record("a", 1, 9), record, record("\u00c9", 1, 9)));
    assertThat(storage().load(name(odd))).contains(record);
    assertThat(storage().load(name("a"))).contains(record("a", 1, 9));
  }

  /** Of a deletion that came by delta before there was a record: only the position is kept. */
  @Test
  void aRecordThatNeverWasKeepsItsPositions() {
    StoredRecord seen = new StoredRecord(name("never"), 0, -1, null, Map.of("t/0", 7L));
    storage().save(List.of(seen));
    assertThat(storage().load(name("never"))).contains(seen);
  }

  /** All that JSON can say, also where a database's own JSON cannot. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"b\":1,\"a\":{\"d\":[],\"c\":null}}",
        "[1.0,100.00,0.1,-0.5,12345678901234567890123456789]",
        "[1e5,1E+5,1e-7,-2.5e22,1e400,1e-400,1e99999,{\"a\":[7,8e900]}]",
        "[\"1e400\",\"-1\",true,false]",
        "{\"text\":\"a\\u0000b\",\"\\u0000\":1}",
        "[\"\\\\u0000\",\"\\\\\\u0000\",\"\\\"\\u0041\"]",
        "[\"\\ud800\",\"\\udc00\",\"\\ud83c\\udfab\",\"\\udfab\\ud83c\",\"\\ud800x\"]",
        "{\"text\":\"half \ud83c of it\",\"end\":\"\ud83c\"}",
        "[\"席/🎫\",\"\\n\\t\\/\"]"
      })
  void anyDataComesBackAsTheSameValue(String data) {
    StoredRecord record = new StoredRecord(name("odd"), 1, 1, json(data), Map.of());
    storage().save(List.of(record("a", 1, 1), record, record("z", 1, 1)));
    JsonText loaded = storage().load(name("odd")).orElseThrow().data();
    assertThat(loaded).isNotNull();
    assertThat(Json.parse(loaded)).isPresent().isEqualTo(Json.parse(data));
    assertThat(loaded.text().length()).isLessThan(2 * data.length());
  }

  @Test
  void aNumberOfAThousandsOfDigitsComesBackAsItIs() {
    StoredRecord record =
        new StoredRecord(name("pi"), 1, 1, json("[0." + "3".repeat(900) + "]"), Map.of());
    storage().save(List.of(record));
    assertThat(storage().load(name("pi"))).contains(record);
  }

  @Test
  void aMebibyteOfDataComesBackWhole() {
    String big = "{\"text\":\"" + "é🎫x".repeat(1024 * 1024 / 7) + "\"}";
    StoredRecord record = new StoredRecord(name("big"), 1, 1, json(big), Map.of());
    storage().save(List.of(record));
    assertThat(storage().load(name("big")).equals(Optional.of(record))).isTrue();
  }

  @Test
  void aRowInsertedByHandLoads() {
    byHand("INSERT INTO records (name, version, data) VALUES ('mine', 3, '{\"free\":true}')");
    assertThat(storage().load(name("mine")))
        .contains(new StoredRecord(name("mine"), 0, 3, json("{\"free\":true}"), Map.of()));
  }

  @Test
  void aRowInsertedByHandIsReplacedByANewerOne() {
    byHand("INSERT INTO records (name, version, data) VALUES ('mine', 3, '{}')");
    storage().save(List.of(record("mine", 0, 4)));
    assertThat(storage().load(name("mine"))).contains(record("mine", 0, 4));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data = '7'",
        "data = 'null'",
        "data = '\"text\"'",
        "positions = '[]'",
        "positions = '{\"t/0\":\"1\"}'",
        "positions = '{\"t/0\":1.5}'",
        "version = -1"
      })
  void aRowThatMakesNoSenseIsAnErrorOfThatRecordAlone(String change) {
    checkRowThatMakesNoSense(change);
  }

  final void checkRowThatMakesNoSense(String change) {
    storage().save(List.of(record("broken", 1, 1), record("good", 1, 1)));
    byHand("UPDATE records SET " + change + " WHERE name = 'broken'");
    assertThatThrownBy(() -> storage().load(name("broken")))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("broken");
    assertThat(storage().load(name("good"))).contains(record("good", 1, 1));
  }

  @Test
  void loadsWhileSavingSeeWholeBatchesAndNeverGoBack() throws Exception {
    int rounds = 200;
    storage().save(batchOf(0));
    AtomicBoolean saving = new AtomicBoolean(true);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> readers = new ArrayList<>();
      for (int reader = 0; reader < 8; reader++) {
        readers.add(threads.submit(seenToGrow(saving)));
      }
      for (int round = 1; round <= rounds; round++) {
        storage().save(batchOf(round));
      }
      saving.set(false);
      for (Future<Integer> reader : readers) {
        assertThat(reader.get()).isBetween(0, rounds);
      }
    }
    assertThat(storage().load(name("r0"))).contains(record("r0", 1, rounds));
  }

  /** r1 is read after r0, and both are always saved together: it cannot be older. */
  private Callable<Integer> seenToGrow(AtomicBoolean saving) {
    return () -> {
      int last = 0;
      while (saving.get()) {
        StoredRecord first = storage().load(name("r0")).orElseThrow();
        StoredRecord second = storage().load(name("r1")).orElseThrow();
        assertThat(first).isEqualTo(record("r0", 1, first.version()));
        assertThat(first.version()).isGreaterThanOrEqualTo(last);
        assertThat(second.version()).isGreaterThanOrEqualTo(first.version());
        last = second.version();
      }
      return last;
    };
  }

  private static List<StoredRecord> batchOf(int version) {
    return IntStream.range(0, 5).mapToObj(i -> record("r" + i, 1, version)).toList();
  }

  @Test
  void savesFromManyThreadsAllArrive() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> saves = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        String name = "r" + i;
        saves.add(threads.submit(() -> storage().save(List.of(record(name, 1, 1)))));
      }
      for (Future<?> save : saves) {
        save.get();
      }
    }
    for (int i = 0; i < 40; i++) {
      assertThat(storage().load(name("r" + i))).contains(record("r" + i, 1, 1));
    }
  }

  @Test
  void afterCloseEverythingIsRefused() {
    RecordStorage storage = storage();
    storage.close();
    storage.close();
    assertThatThrownBy(() -> storage.load(name("a"))).isInstanceOf(StorageException.class);
    List<StoredRecord> batch = List.of(record("a", 1, 1));
    assertThatThrownBy(() -> storage.save(batch)).isInstanceOf(StorageException.class);
  }

  private static StoredRecord deleted(String name) {
    return new StoredRecord(name(name), 1, 1, null, POSITIONS);
  }

  /** A record whose data says which one it is. */
  static StoredRecord record(String name, long incarnation, int version) {
    JsonText data = json("{\"version\":" + version + "}");
    return new StoredRecord(name(name), incarnation, version, data, Map.of("t/0", (long) version));
  }

  static RecordName name(String name) {
    return new RecordName(name);
  }

  private static JsonText json(String text) {
    return new JsonText(text);
  }
}

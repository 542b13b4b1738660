package io.millrace.server.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.value.JsonText;
import io.millrace.server.config.StorageConfig;
import io.millrace.server.kafka.ProgressStore;
import io.millrace.server.record.RecordStorage;
import io.millrace.server.record.StoredRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The storage contracts, kept by PostgreSQL, and what its types and other nodes add to them. */
final class JdbcStoragePostgresIT extends RecordStorageContract implements ProgressStoreContract {
  private final StorageConfig config = Postgres.emptied();
  private JdbcStorage storage = JdbcStorage.open(config);

  @AfterEach
  void close() {
    storage.close();
  }

  @Override
  RecordStorage storage() {
    return storage;
  }

  @Override
  public ProgressStore progress() {
    return storage;
  }

  @Override
  RecordStorage reopen() {
    storage.close();
    storage = JdbcStorage.open(config);
    return storage;
  }

  @Override
  public ProgressStore reopenProgress() {
    reopen();
    return storage;
  }

  @Override
  void byHand(String sql) {
    Postgres.execute(config, sql);
  }

  @Override
  void refuseRowsNamed(String name) {
    Postgres.execute(
        config,
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF new.name = '%s' THEN RAISE EXCEPTION 'refused'; END IF;
          RETURN new;
        END $$
        """
            .formatted(name),
        "CREATE TRIGGER refuse BEFORE INSERT ON records FOR EACH ROW EXECUTE FUNCTION refuse()");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data = 'free'",
        "data = ''",
        "data = '{}{}'",
        "positions = ''",
        "version = 2147483648"
      })
  void aValueOfTheWrongKindIsRefusedWhereItIsWritten(String change) {
    storage.save(List.of(record("a", 1, 1)));
    assertThatThrownBy(() -> byHand("UPDATE records SET " + change))
        .isInstanceOf(IllegalStateException.class);
  }

  /** Messages go to the log. */
  @Test
  void aFailureDoesNotQuoteTheData() {
    refuseRowsNamed("bad");
    List<StoredRecord> batch = List.of(with("bad", "{\"card\":\"4111\"}"), record("z", 1, 1));
    assertThatThrownBy(() -> storage.save(batch))
        .hasMessageContaining("refused")
        .hasMessageNotContaining("4111");
  }

  @Test
  void peopleMayUseTheOperatorsOfJsonb() {
    storage.save(List.of(record("a", 1, 1)));
    byHand(
        "UPDATE records SET version = version + 1, data = jsonb_set(data, '{seat}', '\"sold\"')"
            + " WHERE data @> '{\"version\": 1}'");
    StoredRecord changed = storage.load(name("a")).orElseThrow();
    assertThat(changed.version()).isEqualTo(2);
    assertThat(changed.data()).isEqualTo(new JsonText("{\"seat\":\"sold\",\"version\":1}"));
  }

  @Test
  void whatJsonbCannotHoldIsShownAsSomethingNear() {
    storage.save(List.of(with("odd", "{\"a\":\"\\u0000\",\"b\":1e400,\"c\":\"\\ud800\"}")));
    assertThat(Postgres.query(config, "SELECT data FROM records WHERE name = 'odd'"))
        .isEqualTo("{\"a\": \"\ufffd\", \"b\": \"1e400\", \"c\": \"\ufffd\"}");
  }

  @Test
  void whatAPersonMadeOfItCountsAndNotTheExactTextOfBefore() {
    StoredRecord odd = with("odd", "{\"a\":\"\\u0000\",\"b\":1}");
    storage.save(List.of(odd));
    assertThat(storage.load(name("odd"))).contains(odd);
    byHand("UPDATE records SET data = jsonb_set(data, '{b}', '2')");
    assertThat(storage.load(name("odd")).orElseThrow().data())
        .isEqualTo(new JsonText("{\"a\":\"\ufffd\",\"b\":2}"));
    byHand("UPDATE records SET data = NULL");
    assertThat(storage.load(name("odd")).orElseThrow().data()).isNull();
  }

  @Test
  void namesThatTextCannotHoldStayDifferent() {
    List<String> names = List.of("\0", "\u0001", "\u00010", "\u0001\u0001", "\u0001\u00010", "0");
    for (int i = 0; i < names.size(); i++) {
      storage.save(List.of(record(names.get(i), 1, i)));
    }
    for (int i = 0; i < names.size(); i++) {
      assertThat(storage.load(name(names.get(i)))).contains(record(names.get(i), 1, i));
    }
  }

  /** The old owner and the new one, who do not know of each other. */
  @Test
  void ofNodesThatWriteTheSameRowsAtOnceTheNewestStateWinsAndNobodyFails() throws Exception {
    int nodes = 4;
    int rounds = 60;
    int rows = 30;
    long seed = System.nanoTime();
    try (ExecutorService threads = Executors.newFixedThreadPool(nodes)) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < nodes; i++) {
        Random random = new Random(seed + i);
        running.add(
            threads.submit(
                () -> {
                  try (JdbcStorage node = JdbcStorage.open(config)) {
                    for (int round = 0; round < rounds; round++) {
                      node.save(shuffled(random, rows, rounds));
                      node.save(Map.of("g/a/0", 1L, "g/b/" + random.nextInt(3), 1L));
                    }
                    node.save(shuffled(random, rows, 1));
                  }
                }));
      }
      for (Future<?> each : running) {
        each.get();
      }
    }
    storage.save(shuffled(new Random(seed), rows, 1));
    for (int i = 0; i < rows; i++) {
      int version = storage.load(name("r" + i)).orElseThrow().version();
      assertThat(version).as("seed %d", seed).isEqualTo(highest(seed, nodes, rounds, rows)[i]);
    }
  }

  private static List<StoredRecord> shuffled(Random random, int rows, int versions) {
    List<StoredRecord> batch = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      batch.add(record("r" + i, 1, random.nextInt(versions)));
    }
    Collections.shuffle(batch, random);
    return batch;
  }

  /** What the nodes have written at most, from the same random numbers. */
  private static int[] highest(long seed, int nodes, int rounds, int rows) {
    int[] highest = new int[rows];
    for (int node = 0; node < nodes; node++) {
      Random random = new Random(seed + node);
      for (int round = 0; round < rounds; round++) {
        for (StoredRecord each : shuffled(random, rows, rounds)) {
          int row = Integer.parseInt(each.name().value().substring(1));
          highest[row] = Math.max(highest[row], each.version());
        }
        random.nextInt(3);
      }
    }
    return highest;
  }

  private static StoredRecord with(String name, String data) {
    return new StoredRecord(name(name), 1, 1, new JsonText(data), Map.of());
  }
}

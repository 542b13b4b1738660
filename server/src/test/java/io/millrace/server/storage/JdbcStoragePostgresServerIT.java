package io.millrace.server.storage;

import static io.millrace.server.storage.RecordStorageContract.name;
import static io.millrace.server.storage.RecordStorageContract.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.server.config.StorageConfig;
import io.millrace.server.record.StorageException;
import io.millrace.server.record.StoredRecord;
import io.millrace.testkit.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which databases storage opens and which it refuses, and what a server's failures are to it. */
@Timeout(300)
final class JdbcStoragePostgresServerIT {
  private static final String VERSION = "SELECT version FROM millrace_schema";

  private final EmbeddedPostgres shared = Postgres.shared();
  private final StorageConfig config = Postgres.emptied();
  private final String url = String.valueOf(config.url());
  private final List<EmbeddedPostgres> own = new ArrayList<>();

  @AfterEach
  void stop() {
    own.forEach(EmbeddedPostgres::close);
  }

  /** A server that a test may stop. */
  private EmbeddedPostgres server() {
    EmbeddedPostgres server = EmbeddedPostgres.start();
    own.add(server);
    return server;
  }

  @Test
  void aWrongPasswordIsRefusedAtOnceAndNotRepeated() {
    assertThatThrownBy(() -> open(Postgres.config(url, shared.user(), "hunter2")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("storage jdbc:postgresql://", "password authentication failed")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void aDatabaseThatIsNotThereIsRefusedAtOnce() {
    assertThatThrownBy(() -> open(Postgres.config(shared, url + "_missing")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("does not exist");
  }

  @Test
  void aNewerSchemaIsRefusedAndUntouched() {
    open(config).close();
    Postgres.execute(
        config,
        "UPDATE millrace_schema SET version = 2",
        "INSERT INTO records (name, version, updated_at) VALUES ('deleted long ago', 1,"
            + " '2020-01-01')");
    assertRefused("has schema 2, this server knows up to 1", "start a newer server");
    assertThat(Postgres.query(config, VERSION)).isEqualTo("2");
    assertThat(Postgres.query(config, "SELECT count(*) FROM records")).isEqualTo("1");
  }

  @Test
  void tablesOfAnotherProgramAreRefusedAndUntouched() {
    Postgres.execute(config, "CREATE TABLE records (artist TEXT)");
    assertRefused("has a table records of another program");
    assertThat(Postgres.query(config, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
        .isEqualTo("1");
  }

  @Test
  void aSchemaTableWithoutARowIsRefused() {
    open(config).close();
    Postgres.execute(config, "DELETE FROM millrace_schema");
    assertRefused("millrace_schema is empty");
  }

  @Test
  void aUserWhoMayNotCreateTablesIsRefused() {
    StorageConfig guest = guest();
    assertThatThrownBy(() -> open(guest))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("permission denied");
  }

  @Test
  void aUserWhoMayNotWriteIsToldWhichRightsAreMissing() {
    open(config).close();
    StorageConfig guest = guest();
    Postgres.execute(
        config,
        "GRANT SELECT ON millrace_schema, records TO " + guest.user(),
        "GRANT SELECT, INSERT, UPDATE, DELETE ON log_progress TO " + guest.user());
    assertThatThrownBy(() -> open(guest))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("INSERT on records", "UPDATE on records", "DELETE on records")
        .hasMessageNotContaining("log_progress");
  }

  private StorageConfig guest() {
    String guest = "guest_" + System.nanoTime();
    Postgres.execute(config, "CREATE ROLE " + guest + " LOGIN PASSWORD 'x'");
    return Postgres.config(url, guest, "x");
  }

  @Test
  void aServerThatStaysAwayIsGivenUpInTime() {
    EmbeddedPostgres server = server();
    server.stop();
    StorageConfig impatient = withTimeout(Postgres.config(server, server.url()), 2);
    assertThatThrownBy(() -> open(impatient))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("cannot be reached for 2 s", "refused");
  }

  @Test
  void aServerThatComesUpLaterIsWaitedFor() throws Exception {
    EmbeddedPostgres server = server();
    server.stop();
    CompletableFuture<JdbcStorage> opened =
        CompletableFuture.supplyAsync(
            () -> open(withTimeout(Postgres.config(server, server.url()), 60)));
    server.startAgain();
    try (JdbcStorage storage = opened.get(60, TimeUnit.SECONDS)) {
      storage.save(List.of(record("a", 1, 1)));
    }
  }

  @Test
  void nodesThatStartAtOnceOnAnEmptyDatabaseAllStart() throws Exception {
    atOnce(() -> open(config).close());
    assertThat(Postgres.query(config, VERSION)).isEqualTo("1");
  }

  @Test
  void nodesThatStartAtOnceOnAnOlderSchemaLeadItOnOnce() throws Exception {
    try (JdbcStorage storage = open(config)) {
      storage.save(List.of(record("a", 1, 1)));
    }
    Schema next = newer(SqlDialect.POSTGRES);
    atOnce(() -> JdbcStorage.openPostgres(config, next).close());
    assertThat(Postgres.query(config, VERSION)).isEqualTo("2");
    assertThat(Postgres.query(config, "SELECT note FROM records")).isEqualTo("none");
    assertRefused("has schema 2, this server knows up to 1");
  }

  /** Half of a migration would be worse than none. */
  @Test
  void aMigrationThatFailsChangesNothing() {
    open(config).close();
    List<List<String>> steps = new ArrayList<>(newer(SqlDialect.POSTGRES).steps());
    steps.add(List.of("ALTER TABLE no_such_table ADD COLUMN a INTEGER"));
    assertThatThrownBy(() -> JdbcStorage.openPostgres(config, new Schema(steps)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no_such_table");
    assertThat(Postgres.query(config, VERSION)).isEqualTo("1");
    open(config).close();
  }

  static Schema newer(SqlDialect dialect) {
    List<List<String>> steps = new ArrayList<>(Schema.current(dialect).steps());
    steps.add(List.of("ALTER TABLE records ADD COLUMN note TEXT NOT NULL DEFAULT 'none'"));
    return new Schema(steps);
  }

  @Test
  void aRestartBetweenTwoCallsIsNoFailure() {
    EmbeddedPostgres server = server();
    try (JdbcStorage storage = open(Postgres.config(server, server.url()))) {
      storage.save(List.of(record("a", 1, 1)));
      assertThat(storage.load(name("a"))).contains(record("a", 1, 1));
      server.stop();
      server.startAgain();
      storage.save(List.of(record("a", 1, 2)));
      assertThat(storage.load(name("a"))).contains(record("a", 1, 2));
      server.kill();
      server.startAgain();
      storage.save(Map.of("g/t/0", 2L));
      assertThat(storage.load(List.of("g/t/0"))).containsEntry("g/t/0", 2L);
      assertThat(storage.load(name("a"))).contains(record("a", 1, 2));
    }
  }

  @Test
  void aServerThatIsAwayIsAStorageExceptionUntilItIsBack() {
    EmbeddedPostgres server = server();
    try (JdbcStorage storage = open(Postgres.config(server, server.url()))) {
      storage.save(List.of(record("a", 1, 1)));
      server.kill();
      assertSaveFails(storage);
      assertThatThrownBy(() -> storage.load(name("a"))).isInstanceOf(StorageException.class);
      server.startAgain();
      storage.save(List.of(record("a", 1, 3)));
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .untilAsserted(() -> assertThat(storage.load(name("a"))).contains(record("a", 1, 3)));
    }
  }

  @Test
  void aServerThatDoesNotAnswerIsGivenUpAndNothingIsLostBefore() {
    EmbeddedPostgres server = server();
    StorageConfig impatient =
        Postgres.config(server, server.url() + "?socketTimeout=2&connectTimeout=2&loginTimeout=2");
    try (JdbcStorage storage = open(impatient)) {
      storage.save(List.of(record("a", 1, 1)));
      server.freeze();
      assertSaveFails(storage);
      server.thaw();
      storage.save(List.of(record("b", 1, 1)));
      assertThat(storage.load(name("a")).orElseThrow().version()).isBetween(1, 2);
    }
  }

  private static void assertSaveFails(JdbcStorage storage) {
    List<StoredRecord> batch = List.of(record("a", 1, 2));
    assertThatThrownBy(() -> storage.save(batch))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("cannot save 1 records");
  }

  /** What is told of the limits would be no use if the sessions did not have them. */
  @Test
  void sessionsSyncEachCommitAndWaitForNothingForEver() throws Exception {
    StorageConfig lax = Postgres.config(shared, shared.newDatabase());
    String database = Postgres.query(lax, "SELECT current_database()");
    Postgres.execute(
        lax,
        "ALTER DATABASE " + database + " SET synchronous_commit = off",
        "ALTER DATABASE " + database + " SET default_transaction_isolation = serializable");
    PostgresServer server = new PostgresServer(lax);
    try (Connection connection = server.openWriter()) {
      assertThat(Postgres.query(connection, "SHOW synchronous_commit")).isEqualTo("on");
      assertThat(Postgres.query(connection, "SHOW transaction_isolation"))
          .isEqualTo("read committed");
      assertThat(Postgres.query(connection, "SHOW statement_timeout")).isEqualTo("20s");
      assertThat(Postgres.query(connection, "SHOW lock_timeout")).isEqualTo("10s");
      assertThat(Postgres.query(connection, "SHOW idle_in_transaction_session_timeout"))
          .isEqualTo("10s");
    }
  }

  /** A node that hangs in the middle of a transaction holds the rows that it has written. */
  @Test
  void aHungNodeDoesNotKeepItsRowsFromTheNextOwner() throws Exception {
    try (JdbcStorage storage = open(config);
        Connection hung = new PostgresServer(config).openWriter();
        Statement statement = hung.createStatement()) {
      storage.save(List.of(record("a", 1, 1)));
      statement.execute("SET idle_in_transaction_session_timeout = 1000");
      statement.execute("UPDATE records SET version = 5 WHERE name = 'a'");
      storage.save(List.of(record("a", 1, 2)));
      assertThat(storage.load(name("a"))).contains(record("a", 1, 2));
    }
  }

  @Test
  void aBatchGoesAsFewStatements() {
    try (JdbcStorage storage = open(config)) {
      Postgres.execute(
          config,
          "CREATE TABLE statements (n INT)",
          """
          CREATE FUNCTION count_statement() RETURNS trigger LANGUAGE plpgsql AS $$
          BEGIN INSERT INTO statements VALUES (1); RETURN NULL; END $$
          """,
          "CREATE TRIGGER counted AFTER INSERT ON records FOR EACH STATEMENT EXECUTE FUNCTION"
              + " count_statement()");
      storage.save(IntStream.range(0, 1000).mapToObj(i -> record("r" + i, 1, 1)).toList());
      assertThat(Integer.parseInt(Postgres.query(config, "SELECT count(*) FROM statements")))
          .isLessThan(20);
    }
  }

  private void assertRefused(String... messages) {
    assertThatThrownBy(() -> open(config))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll(messages);
  }

  private static void atOnce(Runnable action) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        running.add(threads.submit(action));
      }
      for (Future<?> each : running) {
        each.get();
      }
    }
  }

  private static StorageConfig withTimeout(StorageConfig config, int seconds) {
    return new StorageConfig(
        config.type(),
        null,
        config.url(),
        config.user(),
        config.password(),
        Duration.ofSeconds(seconds),
        Duration.ofSeconds(10));
  }

  private static JdbcStorage open(StorageConfig config) {
    return JdbcStorage.open(config);
  }
}

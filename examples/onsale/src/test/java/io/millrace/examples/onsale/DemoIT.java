package io.millrace.examples.onsale;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The demo as a whole: real broker, real server, a subscriber that checks. */
class DemoIT {

  @Test
  void headlessRunAccountsForEveryDelta() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    HeadlessRun run =
        new HeadlessRun(new PrintStream(out, true, StandardCharsets.UTF_8), 0, 1_500, 3, 4);

    Account account = run.account();

    String progress = out.toString(StandardCharsets.UTF_8);
    assertThat(account.produced()).as(progress).isGreaterThan(1_000);
    assertThat(account.lost()).as(progress).isZero();
    assertThat(account.isClean()).as("%s%s", progress, account.line()).isTrue();
  }
}

package io.millrace.server.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class WatchedExporterTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(WatchedExporter.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private CompletableResultCode next = CompletableResultCode.ofSuccess();
  private int exported;

  private final WatchedExporter exporter =
      new WatchedExporter(
          new SpanExporter() {
            @Override
            public CompletableResultCode export(Collection<SpanData> spans) {
              return next;
            }

            @Override
            public CompletableResultCode flush() {
              return CompletableResultCode.ofSuccess();
            }

            @Override
            public CompletableResultCode shutdown() {
              return CompletableResultCode.ofSuccess();
            }
          },
          "http://collector",
          new SpanCounter() {
            @Override
            public void recorded() {}

            @Override
            public void exported(int count) {
              exported += count;
            }
          });

  @BeforeEach
  void listen() {
    logger.setAdditive(false);
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void ignore() {
    logger.detachAppender(log);
    logger.setAdditive(true);
  }

  private void export(CompletableResultCode result) {
    next = result;
    CompletableResultCode unused = exporter.export(List.of());
  }

  private List<String> lines() {
    return log.list.stream()
        .map(line -> line.getLevel() + " " + line.getFormattedMessage())
        .toList();
  }

  @Test
  void aCollectorThatIsAwayIsOneLineAndItsReturnAnother() {
    for (int i = 0; i < 100; i++) {
      export(
          CompletableResultCode.ofExceptionalFailure(
              new IllegalStateException(new IOException("no route", new Exception("closed")))));
    }
    export(CompletableResultCode.ofSuccess());
    export(CompletableResultCode.ofSuccess());

    assertThat(lines())
        .containsExactly(
            "WARN spans cannot be sent to http://collector and are dropped until they can:"
                + " java.io.IOException: no route",
            "INFO spans get to http://collector again");
  }

  @Test
  void onlyWhatTheCollectorHasTakenIsCounted() {
    next = CompletableResultCode.ofFailure();
    CompletableResultCode unused = exporter.export(TestSpans.of(3));
    assertThat(exported).isZero();

    next = CompletableResultCode.ofSuccess();
    unused = exporter.export(TestSpans.of(3));
    assertThat(exported).isEqualTo(3);
  }

  /** Spans that nobody looks into. */
  private static final class TestSpans extends java.util.AbstractCollection<SpanData> {
    private final int size;

    private TestSpans(int size) {
      this.size = size;
    }

    static TestSpans of(int size) {
      return new TestSpans(size);
    }

    @Override
    public java.util.Iterator<SpanData> iterator() {
      throw new UnsupportedOperationException();
    }

    @Override
    public int size() {
      return size;
    }
  }
}

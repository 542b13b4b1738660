package io.millrace.server;

import io.millrace.server.kafka.ChangelogMetrics;
import io.millrace.server.observability.Meter;
import io.millrace.server.observability.Metrics;

/** What changelogs count, as meters. */
final class ChangelogMeters implements ChangelogMetrics {
  private static final String LABEL = "changelog";

  private final Metrics metrics;

  ChangelogMeters(Metrics metrics) {
    this.metrics = metrics;
  }

  @Override
  public void sent(String changelog, int messages) {
    metrics.counter(Meter.CHANGELOG_SENT, LABEL, changelog).increment(messages);
  }

  @Override
  public void failed(String changelog, int records) {
    metrics.counter(Meter.CHANGELOG_FAILED, LABEL, changelog).increment(records);
  }

  @Override
  public void tooLarge(String changelog) {
    metrics.counter(Meter.CHANGELOG_TOO_LARGE, LABEL, changelog).increment();
  }
}

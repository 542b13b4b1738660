package io.millrace.server.http.rest;

import io.millrace.protocol.value.JsonText;
import io.millrace.server.http.call.Answer;
import io.millrace.server.http.call.Requests;

/**
 * A PUT of a record. The write says which version it makes, so that the response can name it, and
 * is tried again when another one comes in between; unless the caller has said which version it is
 * meant for, because then that is the answer. Confined to the request's loop.
 */
final class Replacement {

  /** On a record that is written faster than that, the last try is made without a version. */
  private static final int MAX_ATTEMPTS = 10;

  private final Exchange exchange;
  private final JsonText data;
  private final boolean isHot;
  private final Preconditions preconditions;
  private int attempts;

  /**
   * @param isHot whether a replacement of whatever is there makes no versions
   */
  Replacement(Exchange exchange, JsonText data, boolean isHot) {
    this.exchange = exchange;
    this.data = data;
    this.isHot = isHot;
    this.preconditions = exchange.preconditions();
  }

  void start() {
    if (isHot && preconditions.isEmpty()) {
      force();
      return;
    }
    attempts++;
    exchange.attempt(
        Requests.head(exchange.record()),
        answer -> {
          switch (answer) {
            case Answer.Version(int version) -> write(version);
            case Answer.Denied denied when preconditions.isEmpty() -> force();
            case Answer.RuleFailed failed when preconditions.isEmpty() -> force();
            case Answer.Failed failed -> exchange.fail(Problem.of(failed));
            default -> throw new IllegalStateException("not the answer to a HEAD");
          }
        });
  }

  private void write(int current) {
    if (!preconditions.allowWrite(current)) {
      exchange.fail(Problem.preconditionFailed(current));
      return;
    }
    if (attempts > MAX_ATTEMPTS && preconditions.isEmpty()) {
      force();
      return;
    }
    boolean isNew = current < 0;
    int version = isNew ? 1 : current + 1;
    exchange.attempt(
        isNew
            ? Requests.put(exchange.record(), version, data)
            : Requests.update(exchange.record(), version, data),
        answer -> {
          if (answer instanceof Answer.Conflict && attempts <= MAX_ATTEMPTS) {
            start();
          } else if (answer instanceof Answer.Failed failed) {
            exchange.fail(Problem.of(failed));
          } else if (isNew) {
            (isHot ? exchange : exchange.tag(version))
                .header("location", exchange.location())
                .end(201);
          } else {
            exchange.tag(version).end(204);
          }
        });
  }

  /** Whatever is there, and without being told what that is: some may write and not read. */
  private void force() {
    exchange.make(
        Requests.put(exchange.record(), Requests.ANY_VERSION, data), done -> exchange.end(204));
  }
}

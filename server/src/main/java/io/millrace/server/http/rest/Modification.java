package io.millrace.server.http.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.http.call.Answer;
import io.millrace.server.http.call.Requests;
import org.jspecify.annotations.Nullable;

/**
 * A PATCH of a record: the state is read, the patch applied to it, and what has changed is written
 * on the condition that the record still has the version that was read; else all of it again. So a
 * patch takes effect as a whole or not at all, on a state that really was. Confined to the
 * request's loop.
 */
final class Modification {

  /** Against others who write without a pause; more attempts would only take the loop's time. */
  private static final int MAX_ATTEMPTS = 20;

  private final Exchange exchange;
  private final Patch patch;
  private final Preconditions preconditions;
  private int attempts;

  Modification(Exchange exchange, Patch patch) {
    this.exchange = exchange;
    this.patch = patch;
    this.preconditions = exchange.preconditions();
  }

  void start() {
    attempts++;
    exchange.attempt(
        Requests.read(exchange.record()),
        answer -> {
          switch (answer) {
            case Answer.State(int version, JsonText data) -> apply(version, data);
            case Answer.NotFound missing ->
                exchange.fail(
                    preconditions.matches(-1)
                        ? Problem.noRecord()
                        : Problem.preconditionFailed(-1));
            case Answer.Failed failed -> exchange.fail(Problem.of(failed));
            default -> throw new IllegalStateException("not the answer to a READ");
          }
        });
  }

  private void apply(int version, JsonText data) {
    if (!preconditions.allowWrite(version)) {
      exchange.fail(Problem.preconditionFailed(version));
      return;
    }
    try {
      JsonNode before = Json.parse(data).orElseThrow();
      JsonNode after = patch.applyTo(before);
      if (!after.isContainerNode()) {
        throw PatchException.notApplicable("the data of a record is an object or an array");
      }
      write(version, Difference.between(before, after), after);
    } catch (PatchException e) {
      exchange.fail(e.problem());
    }
  }

  private void write(int current, Difference difference, JsonNode after) {
    int version = current + 1;
    switch (difference) {
      case Difference.None() -> exchange.tag(current).end(204);
      case Difference.Whole() ->
          write(version, Requests.update(exchange.record(), version, Json.text(after)));
      case Difference.At(String path, JsonNode value) ->
          write(version, Requests.patch(exchange.record(), version, path, textOf(value)));
    }
  }

  private void write(int version, ClientMessage request) {
    exchange.attempt(
        request,
        answer -> {
          if (answer instanceof Answer.Conflict && attempts < MAX_ATTEMPTS) {
            start();
          } else if (answer instanceof Answer.Failed failed) {
            exchange.fail(Problem.of(failed));
          } else {
            exchange.tag(version).end(204);
          }
        });
  }

  private static @Nullable JsonText textOf(@Nullable JsonNode value) {
    return value == null ? null : Json.text(value);
  }
}

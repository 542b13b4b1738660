package io.millrace.server.http.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.config.RecordConfig;
import io.millrace.server.http.call.Answer;
import io.millrace.server.http.call.Requests;
import io.millrace.server.http.entry.Refusal;

/**
 * A record as a resource: its representation is its data, its entity tag its version. Stateless.
 */
final class RecordResource {
  private static final String MERGE_PATCH = "application/merge-patch+json";
  private static final String JSON_PATCH = "application/json-patch+json";
  private static final String PATCHES = MERGE_PATCH + ", " + JSON_PATCH;

  private final RecordConfig config;

  RecordResource(RecordConfig config) {
    this.config = config;
  }

  void get(Exchange exchange) {
    exchange.make(
        Requests.read(exchange.record()),
        answer -> {
          if (answer instanceof Answer.State(int version, JsonText data)
              && mayBeSent(exchange, version)) {
            exchange.end(200, data);
          }
        });
  }

  void head(Exchange exchange) {
    exchange.make(
        Requests.head(exchange.record()),
        answer -> {
          if (!(answer instanceof Answer.Version(int version))) {
            return;
          }
          if (version < 0) {
            exchange.fail(Problem.noRecord());
          } else if (mayBeSent(exchange, version)) {
            exchange.header("content-type", "application/json; charset=utf-8").end(200);
          }
        });
  }

  /** False if the caller has been told that it has that version, or that there is another one. */
  private static boolean mayBeSent(Exchange exchange, int version) {
    Preconditions preconditions = exchange.preconditions();
    if (!preconditions.matches(version)) {
      exchange.fail(Problem.preconditionFailed(version));
      return false;
    }
    // Whoever keeps a copy has to ask each time whether it is still the newest.
    exchange.tag(version).header("cache-control", "private, no-cache");
    if (preconditions.isKnown(version)) {
      exchange.end(304);
      return false;
    }
    return true;
  }

  void put(Exchange exchange) {
    exchange.requireJson();
    JsonNode data = exchange.json();
    if (!data.isContainerNode()) {
      throw new Refusal(422, "The data of a record is an object or an array");
    }
    new Replacement(exchange, Json.text(data), isHot(exchange.name())).start();
  }

  /** Whether a replacement goes past versions (protocol §3.8). */
  private boolean isHot(String name) {
    return config.hotPathPrefixes().stream().anyMatch(name::startsWith);
  }

  void patch(Exchange exchange) {
    exchange.header("accept-patch", PATCHES);
    try {
      Patch patch =
          switch (exchange.mediaType()) {
            case MERGE_PATCH -> new MergePatchDocument(exchange.json());
            case JSON_PATCH -> JsonPatchDocument.parse(exchange.json(), config.maxSize().bytes());
            default -> throw new Refusal(415, "The content type must be one of " + PATCHES);
          };
      new Modification(exchange, patch).start();
    } catch (PatchException e) {
      exchange.fail(e.problem());
    }
  }

  /**
   * With preconditions the version is checked before the removal; there is no removal of a certain
   * version, so a write in between is lost.
   */
  void delete(Exchange exchange) {
    Preconditions preconditions = exchange.preconditions();
    if (preconditions.isEmpty()) {
      remove(exchange);
      return;
    }
    exchange.make(
        Requests.head(exchange.record()),
        answer -> {
          if (answer instanceof Answer.Version(int version) && preconditions.allowWrite(version)) {
            remove(exchange);
          } else {
            exchange.fail(
                Problem.preconditionFailed(
                    answer instanceof Answer.Version(int version) ? version : -1));
          }
        });
  }

  private static void remove(Exchange exchange) {
    exchange.make(Requests.delete(exchange.record()), done -> exchange.end(204));
  }
}

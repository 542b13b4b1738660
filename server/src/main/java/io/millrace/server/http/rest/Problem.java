package io.millrace.server.http.rest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.millrace.protocol.Action;
import io.millrace.protocol.EventAction;
import io.millrace.protocol.PresenceAction;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RpcAction;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.http.call.Answer;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong, as problem details (RFC 9457).
 *
 * @param kind the stable last part of the problem's type
 * @param version the record's version, when that is what is wrong
 * @param error what a provider said
 */
record Problem(
    int status,
    String kind,
    String title,
    @Nullable String detail,
    @Nullable Integer version,
    @Nullable JsonText error) {
  static final String MEDIA_TYPE = "application/problem+json";
  private static final String TYPE = "urn:millrace:problem:";

  static Problem of(int status, String kind, String title) {
    return new Problem(status, kind, title, null, null, null);
  }

  Problem because(String reason) {
    return new Problem(status, kind, title, reason, version, error);
  }

  Problem at(int currentVersion) {
    return new Problem(status, kind, title, detail, currentVersion, error);
  }

  /** A refusal that has a status and a text only. */
  static Problem of(int status, String title) {
    return of(status, kindOf(status), title);
  }

  /** There is no such record. */
  static Problem noRecord() {
    return of(404, "no-such-record", "There is no such record");
  }

  /** The record does not have the version that the request asks for. */
  static Problem preconditionFailed(int currentVersion) {
    Problem problem =
        of(412, "precondition-failed", "The record does not have the version that is asked for");
    return currentVersion < 0
        ? problem.because("there is no such record")
        : problem.at(currentVersion);
  }

  static Problem of(Answer.Failed failed) {
    return switch (failed) {
      case Answer.NotFound notFound -> noRecord();
      case Answer.Conflict conflict ->
          of(409, "version-conflict", "The record has another version").at(conflict.current());
      case Answer.Denied denied -> forbidden(denied.original());
      case Answer.RuleFailed rule -> forbidden(rule.original());
      case Answer.NoProvider noProvider -> of(404, "no-provider", "Nobody provides this procedure");
      case Answer.ProviderTimeout timeout ->
          of(504, "provider-timeout", "The provider did not answer in time");
      case Answer.ProviderError(JsonText error) ->
          new Problem(502, "provider-error", "The provider has failed", null, null, error);
      case Answer.Refused(Action error, String name) -> refused(error);
      case Answer.TimedOut() ->
          of(504, "timeout", "No answer in time")
              .because("it is not known what became of the request");
      case Answer.TooMuch() -> of(500, "too-large", "The answer is too large");
    };
  }

  private static Problem forbidden(Action original) {
    return of(403, "forbidden", "Not allowed")
        .because("no rule allows " + original.name() + " here");
  }

  private static Problem refused(Action error) {
    return switch (error) {
      case RecordAction.INVALID_MESSAGE_DATA,
          EventAction.INVALID_MESSAGE_DATA,
          RpcAction.INVALID_MESSAGE_DATA ->
          of(422, "invalid-data", "The data cannot be taken")
              .because("it is of the wrong kind, too large, or too deep");
      case RecordAction.INVALID_PATCH_ON_HOTPATH ->
          of(422, "hot-path", "Records with this name can only be replaced as a whole");
      case RecordAction.RECORD_UPDATE_ERROR ->
          of(503, "storage", "The record could not be written")
              .because("it is not known whether the change will last");
      case RecordAction.STORAGE_RETRIEVAL_TIMEOUT,
          RecordAction.CACHE_RETRIEVAL_TIMEOUT,
          RecordAction.RECORD_LOAD_ERROR,
          RecordAction.RECORD_DELETE_ERROR,
          RecordAction.RECORD_NOTIFY_ERROR ->
          of(503, "storage", "Storage does not answer");
      case PresenceAction.INVALID_PRESENCE_USERS -> of(400, "bad-request", "No such users");
      default -> of(501, "not-served", "This node does not serve that").because(error.name());
    };
  }

  private static String kindOf(int status) {
    return switch (status) {
      case 400 -> "bad-request";
      case 401 -> "unauthorized";
      case 403 -> "forbidden";
      case 404 -> "not-found";
      case 405 -> "method-not-allowed";
      case 413 -> "too-large";
      case 415 -> "unsupported-media-type";
      case 429 -> "busy";
      default -> "error-" + status;
    };
  }

  JsonText toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("type", TYPE + kind).put("title", title).put("status", status);
    if (detail != null) {
      json.put("detail", detail);
    }
    if (version != null) {
      json.put("currentVersion", version);
    }
    if (error != null) {
      json.putRawValue("error", new RawValue(error.text()));
    }
    return Json.text(json);
  }
}

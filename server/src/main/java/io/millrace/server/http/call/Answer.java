package io.millrace.server.http.call;

import io.millrace.protocol.Action;
import io.millrace.protocol.value.JsonText;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a request came to, whatever face of the API it came through. */
public sealed interface Answer {

  /** Done, and there is nothing to tell of it. */
  record Done() implements Answer {}

  /** A record. */
  record State(int version, JsonText data) implements Answer {}

  /** A record's version, -1 when there is no such record. */
  record Version(int version) implements Answer {}

  /** What a provider has answered, null for nothing. */
  record Result(@Nullable JsonText data) implements Answer {}

  /** Who is online. */
  record Online(List<String> users) implements Answer {
    public Online {
      users = List.copyOf(users);
    }
  }

  /** Whether those who were named are online: a JSON object. */
  record OnlineByName(JsonText users) implements Answer {}

  /** Not done, or not known to be done. */
  sealed interface Failed extends Answer {}

  /** There is no such record. */
  record NotFound(String name) implements Failed {}

  /**
   * The record has another version than was expected.
   *
   * @param wanted the version that the write would have made
   * @param current the version that the record has
   * @param gap whether the write was ahead of it
   */
  record Conflict(String name, int wanted, int current, boolean gap) implements Failed {}

  /** No rule allows it. */
  record Denied(Action original, String name) implements Failed {}

  /** A rule could not be evaluated, which denies. */
  record RuleFailed(Action error, Action original, String name) implements Failed {}

  /** Nobody serves the procedure. */
  record NoProvider(String name) implements Failed {}

  /** The provider did not respond in time. */
  record ProviderTimeout(Action error, String name) implements Failed {}

  /** The provider says that it failed: its own JSON value. */
  record ProviderError(@Nullable JsonText error) implements Failed {}

  /** Any other refusal or failure, by the action that says so. */
  record Refused(Action error, String name) implements Failed {}

  /** No answer within the time that a request may take; what was asked may happen or not. */
  record TimedOut() implements Failed {}

  /** Not tried, because what was answered before is too much already. */
  record TooMuch() implements Failed {}
}

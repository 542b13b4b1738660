package io.millrace.server.mapping;

import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** What reading something out of a message gave: a value, or why there is none. */
sealed interface Attempt<T> {
  record Got<T>(T value) implements Attempt<T> {}

  /**
   * There is none, with a reason for people that quotes no data.
   *
   * @param absent whether the message merely lacks it
   */
  record Refused<T>(String reason, boolean absent) implements Attempt<T> {}

  /** The message, or an item of it, is about nothing. */
  record Skipped<T>(String reason) implements Attempt<T> {}

  /** It cannot be read before the stage has ended. */
  record Unavailable<T>(String reason, CompletionStage<?> until) implements Attempt<T> {}

  static <T> Attempt<T> got(T value) {
    return new Got<>(value);
  }

  static <T> Attempt<T> refused(String reason) {
    return new Refused<>(reason, false);
  }

  static <T> Attempt<T> absent(String reason) {
    return new Refused<>(reason, true);
  }

  static <T> Attempt<T> skipped(String reason) {
    return new Skipped<>(reason);
  }

  default <R> Attempt<R> flatMap(Function<? super T, Attempt<R>> next) {
    return switch (this) {
      case Got<T>(T value) -> next.apply(value);
      case Refused<T>(String reason, boolean absent) -> new Refused<>(reason, absent);
      case Skipped<T>(String reason) -> new Skipped<>(reason);
      case Unavailable<T>(String reason, CompletionStage<?> until) ->
          new Unavailable<>(reason, until);
    };
  }

  default <R> Attempt<R> map(Function<? super T, R> next) {
    return flatMap(value -> new Got<>(next.apply(value)));
  }

  /** The same with {@code suffix} behind the reason, if it is refused. */
  default Attempt<T> because(String suffix) {
    return this instanceof Refused<T>(String reason, boolean absent)
        ? new Refused<>(reason + suffix, absent)
        : this;
  }
}

package io.millrace.server.mapping;

import java.util.function.Function;

/** What reading something out of a message gave: a value, or a reason for people why not. */
sealed interface Attempt<T> {
  record Got<T>(T value) implements Attempt<T> {}

  record Refused<T>(String reason) implements Attempt<T> {}

  static <T> Attempt<T> got(T value) {
    return new Got<>(value);
  }

  static <T> Attempt<T> refused(String reason) {
    return new Refused<>(reason);
  }

  default <R> Attempt<R> flatMap(Function<? super T, Attempt<R>> next) {
    return switch (this) {
      case Got<T> got -> next.apply(got.value());
      case Refused<T> refused -> new Refused<>(refused.reason());
    };
  }

  default <R> Attempt<R> map(Function<? super T, R> next) {
    return flatMap(value -> new Got<>(next.apply(value)));
  }

  /** The same with {@code suffix} behind the reason, if it is one. */
  default Attempt<T> because(String suffix) {
    return switch (this) {
      case Got<T> got -> got;
      case Refused<T> refused -> new Refused<>(refused.reason() + suffix);
    };
  }
}

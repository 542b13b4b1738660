package io.millrace.benchmarks;

/** A load is bounded, whatever is asked for. */
final class Limits {
  /** One local address has about 28,000 ports for outgoing connections. */
  static final int CONNECTIONS = 25_000;

  static final int RATE = 10_000;

  /** A record may measure 1 MiB by default. */
  static final int SEATS = 30_000;

  static final int LENGTH = 10_000;
  static final int SECONDS = 300;
  static final int ROUNDS = 20;

  private Limits() {}

  /** Somebody asked for more, or for nothing: wrong usage. */
  static final class Exceeded extends RuntimeException {
    private static final long serialVersionUID = 1;

    Exceeded(String message) {
      super(message);
    }
  }

  static void check(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new Exceeded("%s: %d is not between %d and %d".formatted(option, value, least, most));
    }
  }

  static void checkSeconds(int warmUp, int seconds) {
    check("--warm-up", warmUp, 0, SECONDS);
    check("--seconds", seconds, 1, SECONDS);
  }
}

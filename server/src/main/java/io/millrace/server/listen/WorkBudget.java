package io.millrace.server.listen;

/** How much more may be done before others on the loop get their turn; in steps of matching. */
final class WorkBudget {
  private long left;

  WorkBudget(long steps) {
    left = steps;
  }

  void spend(long steps) {
    left -= steps;
  }

  boolean isSpent() {
    return left <= 0;
  }
}

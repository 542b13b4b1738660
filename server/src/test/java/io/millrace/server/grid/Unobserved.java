package io.millrace.server.grid;

/** For tests that storing is of no interest to. */
final class Unobserved implements StorageObserver {
  @Override
  public void stored(int records, long nanos) {}

  @Override
  public void failed() {}

  @Override
  public void evicted(int records) {}
}

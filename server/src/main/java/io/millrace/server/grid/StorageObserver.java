package io.millrace.server.grid;

/** Port: counts what the storage writer does. Called on its thread. */
public interface StorageObserver {

  /** A group of records was committed. */
  void stored(int records, long nanos);

  /** A group could not be committed and will be tried again. */
  void failed();
}

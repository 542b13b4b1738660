package io.millrace.server.grid;

/** Port: counts what is done about storage. Thread-safe. */
public interface StorageObserver {

  /** Counts nothing. */
  StorageObserver NOBODY =
      new StorageObserver() {
        @Override
        public void stored(int records, long nanos) {}

        @Override
        public void failed() {}

        @Override
        public void evicted(int records) {}
      };

  /** A group of records was committed. */
  void stored(int records, long nanos);

  /** A group could not be committed and will be tried again. */
  void failed();

  /** Idle records were taken out of the grid, because memory is short and storage has them. */
  void evicted(int records);
}

package io.millrace.server.grid;

import com.hazelcast.spi.exception.RetryableHazelcastException;
import com.hazelcast.spi.exception.SilentException;

/** A backup has missed changes of a record. No failure to be logged: it gets a new copy. */
final class OutOfStepException extends RetryableHazelcastException implements SilentException {
  private static final long serialVersionUID = 1;

  OutOfStepException(String name) {
    super(name);
  }
}

package io.millrace.server.config;

/**
 * A record that knows which of its values do not make sense. A constructor that throws would stop
 * at the first one; this says all of them.
 */
interface Checked {
  void check(Checks checks);
}

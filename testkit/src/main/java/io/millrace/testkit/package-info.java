/**
 * What tests and the demo need that is real but not ours: a one-node Kafka in the JVM and a
 * PostgreSQL beside it. May be used by every module's tests, so it depends on {@code protocol}
 * only.
 */
@NullMarked
package io.millrace.testkit;

import org.jspecify.annotations.NullMarked;

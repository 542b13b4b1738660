/**
 * The clients of the load program: many sockets on one thread, made to cost little, so that the
 * machine's time goes to the server that is measured.
 */
@NullMarked
package io.millrace.benchmarks.client;

import org.jspecify.annotations.NullMarked;

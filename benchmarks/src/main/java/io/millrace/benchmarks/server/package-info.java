/** The server that is measured: where it is, what it costs, and starting one when there is none. */
@NullMarked
package io.millrace.benchmarks.server;

import org.jspecify.annotations.NullMarked;

/**
 * The command line: what may be typed, what is printed, and exit codes (0 ok, 1 failure, 2 wrong
 * usage or configuration). It starts a server through {@link io.millrace.server.cli.ServerStarter}
 * and knows nothing else of it. Everything runs on the main thread, but for the orderly stop, which
 * runs when the JVM is told to end.
 */
@NullMarked
package io.millrace.server.cli;

import org.jspecify.annotations.NullMarked;

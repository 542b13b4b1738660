/**
 * The server's entrance: {@link io.millrace.server.Main} for people, {@link
 * io.millrace.server.Assembly} for programs. Assembly is the one place that knows every part.
 */
@NullMarked
package io.millrace.server;

import org.jspecify.annotations.NullMarked;

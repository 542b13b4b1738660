/**
 * The port between features and the other nodes of a cluster: who is there, and ordered ways to say
 * something to them. No vendor types; the adapters are {@code cluster} and {@code grid}.
 */
@NullMarked
package io.millrace.server.peer;

import org.jspecify.annotations.NullMarked;

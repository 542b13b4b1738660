/** Durable storage: the JDBC adapter. The only home of JDBC types. */
@NullMarked
package io.millrace.server.storage;

import org.jspecify.annotations.NullMarked;

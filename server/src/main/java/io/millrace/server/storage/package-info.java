/**
 * Durable storage: one JDBC adapter for every database, and what is special about SQLite and about
 * PostgreSQL. The only home of JDBC types.
 *
 * <p>{@link io.millrace.server.storage.JdbcStorage} is the way in and says what survives what, and
 * which thread does what. Nothing here owns a thread except the read pool's housekeeper.
 */
@NullMarked
package io.millrace.server.storage;

import org.jspecify.annotations.NullMarked;

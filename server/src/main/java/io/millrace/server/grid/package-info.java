/**
 * The grid adapter: records in a Hazelcast map, decided by entry processors on the partition thread
 * of their owner. The only home of Hazelcast types.
 *
 * <p>Threads: a cell is only touched by its partition thread. {@link
 * io.millrace.server.grid.GridRecordStore} is confined to one event loop. The write-behind has a
 * thread of its own.
 */
@NullMarked
package io.millrace.server.grid;

import org.jspecify.annotations.NullMarked;

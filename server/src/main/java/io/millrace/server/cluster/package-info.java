/**
 * The links between the nodes of a cluster: one ordered stream in each direction between two nodes,
 * which ends when it breaks and begins anew. {@link io.millrace.server.cluster.Links} is the
 * adapter of the port {@code peer}; everything but its entrances is confined to one event loop, the
 * link loop.
 */
@NullMarked
package io.millrace.server.cluster;

import org.jspecify.annotations.NullMarked;

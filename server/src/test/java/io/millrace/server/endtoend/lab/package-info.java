/**
 * The fault lab: clusters of real server processes whose nodes are killed, paused and parted, and a
 * checker that holds what clients saw meanwhile against the promises. {@link
 * io.millrace.server.endtoend.lab.TestCluster} starts the nodes, {@link
 * io.millrace.server.endtoend.lab.Wires} is the network between them, {@link
 * io.millrace.server.endtoend.lab.History} remembers and judges.
 */
@NullMarked
package io.millrace.server.endtoend.lab;

import org.jspecify.annotations.NullMarked;

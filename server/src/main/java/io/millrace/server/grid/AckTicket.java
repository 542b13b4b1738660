package io.millrace.server.grid;

/**
 * Who waits for a change to be stored.
 *
 * @param node where the wait is
 * @param id its number there
 * @param urgent whether a person waits; a log's position can wait for the next batch
 */
record AckTicket(String node, long id, boolean urgent) {}

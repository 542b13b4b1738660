package io.millrace.server.grid;

/**
 * A wait for a record to be stored.
 *
 * @param sequence of the cell after the change that is waited for
 */
record OpenWait(long sequence, AckTicket ticket, long sinceNs) {}

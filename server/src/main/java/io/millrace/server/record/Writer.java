package io.millrace.server.record;

/** Which connection of which node wrote: it does not get its own change back. */
public record Writer(String node, long connection) {}

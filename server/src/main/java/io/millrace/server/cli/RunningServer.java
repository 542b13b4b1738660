package io.millrace.server.cli;

/**
 * A server that was started.
 *
 * @param port where it listens
 * @param stop stops it in good order and returns when that is done; may be called again
 */
public record RunningServer(int port, Runnable stop) {}

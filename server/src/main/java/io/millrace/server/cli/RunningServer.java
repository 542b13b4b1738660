package io.millrace.server.cli;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * A server that was started.
 *
 * @param port where it listens
 * @param stop stops it in good order and returns when that is done; may be called again
 * @param patience how long that may take at most
 * @param stopRequested completes when somebody asks over the network that the server stops
 */
public record RunningServer(
    int port, Runnable stop, Duration patience, CompletionStage<?> stopRequested) {}

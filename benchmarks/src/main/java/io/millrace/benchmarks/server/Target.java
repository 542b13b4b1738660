package io.millrace.benchmarks.server;

import java.util.OptionalLong;

/**
 * The server that a run is about.
 *
 * @param pid its process, if what it costs is to be measured
 */
public record Target(String host, int port, String path, OptionalLong pid) {}

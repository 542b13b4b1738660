package io.millrace.server.cli;

import picocli.CommandLine.IVersionProvider;

/** This build's version, as the jar's manifest has it. */
final class Version implements IVersionProvider {
  static String current() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "(not packaged)" : version;
  }

  @Override
  public String[] getVersion() {
    return new String[] {"Millrace " + current() + " on Java " + Runtime.version()};
  }
}

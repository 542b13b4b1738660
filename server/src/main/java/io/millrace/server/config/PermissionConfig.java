package io.millrace.server.config;

import java.nio.file.Path;

/**
 * Who decides what a user may do.
 *
 * @param file the rules of {@link Type#CONFIG}, relative to the configuration file
 * @param maxRuleIterations how often a rule may be run for one check, because it needs records
 *     whose names are known only after others have been loaded
 */
public record PermissionConfig(Type type, Path file, int maxRuleIterations) implements Checked {
  private static final int MOST_ITERATIONS = 10;

  /** The kinds of permission that this server knows. */
  public enum Type {
    /** Everything is allowed. */
    OPEN,
    /** The rules of a file. */
    CONFIG
  }

  @Override
  public void check(Checks checks) {
    checks.between("maxRuleIterations", maxRuleIterations, 1, MOST_ITERATIONS);
  }
}

package io.millrace.protocol;

/** Numbers that are part of the contract with clients, whatever a server is configured to. */
public final class Limits {
  /** Longest record, event, RPC or user name and longest pattern, in UTF-16 units. */
  public static final int MAX_NAME_LENGTH = 1024;

  /** Most names in one bulk request. */
  public static final int MAX_NAMES_PER_REQUEST = 100_000;

  /** Longest correlation id, in UTF-16 units. */
  public static final int MAX_CORRELATION_ID_LENGTH = 1024;

  /** Most tokens in a JSON path. */
  public static final int MAX_PATH_DEPTH = 100;

  /** How far behind the end of an array a path may write; slots in between become null. */
  public static final int MAX_ARRAY_GAP = 10_000;

  /** Deepest nesting of a JSON document. */
  public static final int MAX_JSON_DEPTH = 500;

  private Limits() {}
}

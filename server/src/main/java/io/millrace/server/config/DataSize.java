package io.millrace.server.config;

/** A number of bytes, written as {@code 512KiB}, {@code 1MiB} or plain bytes. */
public record DataSize(long bytes) {
  public DataSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("a size cannot be negative");
    }
  }

  /** The size as an int, for buffers and frames; at most {@link Integer#MAX_VALUE}. */
  public int bytesAsInt() {
    return (int) Math.min(Integer.MAX_VALUE, bytes);
  }
}

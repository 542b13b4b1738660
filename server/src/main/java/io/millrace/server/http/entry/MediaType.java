package io.millrace.server.http.entry;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a Content-Type header says, without its parameters. */
public final class MediaType {
  public static final String JSON = "application/json";

  private MediaType() {}

  /** In lower case, "" if there is no header. */
  public static String of(@Nullable String contentType) {
    if (contentType == null) {
      return "";
    }
    int end = contentType.indexOf(';');
    return (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  public static boolean isJson(@Nullable String contentType) {
    return of(contentType).equals(JSON);
  }
}

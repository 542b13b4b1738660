package io.millrace.server.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The configuration in force as YAML that can be loaded again, but for its secrets: those are
 * printed as {@code ***}.
 */
public final class ConfigPrinter {
  private static final String MASK = "***";

  /** Our keys and Kafka's: it takes passwords, tokens and whole private keys as properties. */
  private static final Pattern SECRET_KEY =
      Pattern.compile(
          "password|passphrase|secret|token|credential|sasl\\.jaas\\.config|user\\.info"
              + "|keystore\\.key|private",
          Pattern.CASE_INSENSITIVE);

  /** Headers of requests are there to say who asks, whatever a service calls them. */
  private static final String HEADERS = "headers";

  private static final Pattern URL_USER = Pattern.compile("://[^\\s/]+@");

  /** Services that are asked by URL take their keys in the query. */
  private static final Pattern URL_QUERY = Pattern.compile("(https?://[^\\s?#]+\\?)[^\\s#]+");

  /** Other URLs take settings there that are worth printing, and passwords (JDBC, of keys). */
  private static final Pattern URL_SECRET =
      Pattern.compile("([?&][^=&\\s]*(?:password|secret|token)[^=&\\s]*=)[^&\\s#]+");

  private static final ObjectMapper YAML =
      new ObjectMapper(
          YAMLFactory.builder()
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .disable(YAMLGenerator.Feature.SPLIT_LINES)
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
              .build());

  private ConfigPrinter() {}

  /** Every key of the configuration, one per line. */
  public static String print(MillraceConfig config) {
    try {
      return YAML.writeValueAsString(plain("", config));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("maps, lists and text are always YAML", e);
    }
  }

  private static @Nullable Object plain(String key, @Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Integer number -> number;
      case Double number -> number;
      case Boolean bool -> bool;
      case List<?> list -> list.stream().map(item -> plain(key, item)).toList();
      case Map<?, ?> map -> {
        var plain = new LinkedHashMap<String, @Nullable Object>();
        map.entrySet().stream()
            .sorted((a, b) -> a.getKey().toString().compareTo(b.getKey().toString()))
            .forEach(
                e ->
                    plain.put(
                        e.getKey().toString(),
                        key.equals(HEADERS) ? MASK : plain(e.getKey().toString(), e.getValue())));
        yield plain;
      }
      case Record group when RecordBinder.isGroup(group.getClass()) -> {
        var plain = new LinkedHashMap<String, @Nullable Object>();
        if (Variants.familyOf(group.getClass()).isPresent()) {
          plain.put(Variants.TYPE, Variants.nameOf(group.getClass()));
        }
        for (RecordComponent component : group.getClass().getRecordComponents()) {
          plain.put(component.getName(), plain(component.getName(), read(component, group)));
        }
        yield plain;
      }
      default -> masked(key, Scalars.write(value));
    };
  }

  private static String masked(String key, String text) {
    if (!text.isEmpty() && SECRET_KEY.matcher(key).find()) {
      return MASK;
    }
    String withoutUser = URL_USER.matcher(text).replaceAll("://" + MASK + "@");
    String withoutQuery = URL_QUERY.matcher(withoutUser).replaceAll("$1" + MASK);
    return URL_SECRET.matcher(withoutQuery).replaceAll("$1" + MASK).replace("${", "$${");
  }

  private static @Nullable Object read(RecordComponent component, Record record) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}

package io.millrace.server.config;

import io.millrace.server.config.ConfigNode.Mapping;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A configuration file to a {@link MillraceConfig}: environment variables are filled in, the result
 * is laid over the built-in {@code millrace.yml}, bound to the records and checked. Stateless.
 */
public final class ConfigLoader {
  private static final String DEFAULTS = "millrace.yml";

  private ConfigLoader() {}

  /**
   * Reads a file.
   *
   * @param file absent: only the built-in defaults
   * @param environment the variables that {@code ${NAME}} stands for
   */
  public static ConfigResult load(@Nullable Path file, Map<String, String> environment) {
    if (file == null) {
      return read("built-in defaults", "", environment);
    }
    try {
      Path folder = file.toAbsolutePath().resolveSibling("");
      return read(file.toString(), folder, Files.readString(file), environment);
    } catch (IOException e) {
      var faults = new Faults(file.toString());
      faults.addForFile(0, "cannot be read: " + reason(file, e));
      return new ConfigResult.Faulty(faults.sorted());
    }
  }

  /** What holds when nobody says anything. */
  public static MillraceConfig defaults() {
    return parse("");
  }

  /**
   * A configuration from text, for tests and for programs that start a server themselves. There are
   * no environment variables here.
   *
   * @throws IllegalArgumentException when something is wrong; the message has a line for each fault
   */
  public static MillraceConfig parse(String yaml) {
    return switch (read("configuration", yaml, Map.of())) {
      case ConfigResult.Loaded(var config) -> config;
      case ConfigResult.Faulty(var faults) ->
          throw new IllegalArgumentException(
              faults.stream().map(ConfigFault::toString).collect(Collectors.joining("\n")));
    };
  }

  static ConfigResult read(String name, String yaml, Map<String, String> environment) {
    return read(name, Path.of(""), yaml, environment);
  }

  private static ConfigResult read(
      String name, Path folder, String yaml, Map<String, String> environment) {
    var faults = new Faults(name);
    Mapping given = new Environment(environment, faults).fill(YamlReader.read(yaml, faults));
    Mapping whole = defaultDocument().overlaidBy(given);
    var binder =
        new RecordBinder(
            faults,
            folder,
            Map.of(
                KafkaConfig.Source.class,
                builtIn("a source's defaults", KafkaConfig.Source.DEFAULTS),
                KafkaConfig.Changelog.class,
                builtIn("a changelog's defaults", KafkaConfig.Changelog.DEFAULTS),
                AuthConfig.Jwt.class,
                builtIn("the defaults of auth type jwt", AuthConfig.Jwt.DEFAULTS),
                AuthConfig.Http.class,
                builtIn("the defaults of auth type http", AuthConfig.Http.DEFAULTS)));
    MillraceConfig config = binder.bind(MillraceConfig.class, whole);
    return faults.isEmpty()
        ? new ConfigResult.Loaded(config)
        : new ConfigResult.Faulty(faults.sorted());
  }

  static Mapping defaultDocument() {
    return builtIn(DEFAULTS, defaultText());
  }

  static String defaultText() {
    try (InputStream in = ConfigLoader.class.getResourceAsStream(DEFAULTS)) {
      if (in == null) {
        throw new IllegalStateException("the jar was built without its " + DEFAULTS);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Mapping builtIn(String name, String yaml) {
    var faults = new Faults(name);
    Mapping mapping = YamlReader.read(yaml, faults);
    if (!faults.isEmpty()) {
      throw new IllegalStateException(faults.sorted().toString());
    }
    return mapping.withoutLines();
  }

  private static String reason(Path file, IOException e) {
    return switch (e) {
      case NoSuchFileException missing -> "there is no such file";
      case AccessDeniedException denied -> "permission denied";
      case CharacterCodingException coding -> "it is not UTF-8 text";
      default -> Files.isDirectory(file) ? "it is a directory" : String.valueOf(e.getMessage());
    };
  }
}

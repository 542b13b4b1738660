package io.millrace.server.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.millrace.server.config.ConfigNode.Mapping;
import io.millrace.server.config.ConfigNode.Scalar;
import io.millrace.server.config.ConfigNode.Sequence;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;

/** YAML text to nodes. What is not plain data (aliases, several documents) is refused. */
final class YamlReader {
  private static final YAMLFactory YAML =
      YAMLFactory.builder().disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION).build();

  private final YAMLParser parser;
  private final Faults faults;

  private YamlReader(YAMLParser parser, Faults faults) {
    this.parser = parser;
    this.faults = faults;
  }

  /** The mapping that the text holds; an empty one, and a fault, when there is none. */
  static Mapping read(String text, Faults faults) {
    try (YAMLParser parser = YAML.createParser(text)) {
      return new YamlReader(parser, faults).document();
    } catch (JsonProcessingException e) {
      var location = e.getLocation();
      faults.addForFile(
          location == null ? 0 : Math.max(0, location.getLineNr()),
          "is not YAML: " + withoutSnippets(e.getOriginalMessage()));
      return Mapping.EMPTY;
    } catch (IOException e) {
      throw new UncheckedIOException("reading a string cannot fail", e);
    }
  }

  private Mapping document() throws IOException {
    JsonToken first = parser.nextToken();
    if (first == null || first == JsonToken.VALUE_NULL) {
      return Mapping.EMPTY;
    }
    int line = line();
    ConfigNode root = node(first, "");
    if (parser.nextToken() != null) {
      faults.addForFile(line(), "holds more than one document; only one is allowed");
    }
    if (root instanceof Mapping mapping) {
      return mapping;
    }
    faults.addForFile(line, "does not hold keys; write for example server: { port: 6020 }");
    return Mapping.EMPTY;
  }

  private ConfigNode node(JsonToken token, String key) throws IOException {
    return switch (token) {
      case START_OBJECT -> mapping(key);
      case START_ARRAY -> sequence(key);
      case VALUE_NULL -> new Scalar(line(), "");
      default -> scalar(key);
    };
  }

  private Mapping mapping(String key) throws IOException {
    int line = line();
    var entries = new LinkedHashMap<String, ConfigNode>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      int nameLine = line();
      String full = Keys.child(key, name);
      ConfigNode value = node(parser.nextToken(), full);
      if (entries.putIfAbsent(name, value) != null) {
        faults.add(nameLine, full, "is given twice");
      }
    }
    return new Mapping(line, entries);
  }

  private Sequence sequence(String key) throws IOException {
    int line = line();
    List<ConfigNode> items = new ArrayList<>();
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      items.add(node(token, Keys.item(key, items.size())));
    }
    return new Sequence(line, items);
  }

  private Scalar scalar(String key) throws IOException {
    int line = line();
    if (parser.isCurrentAlias()) {
      faults.add(line, key, "is a YAML alias; write the value itself");
      return new Scalar(line, "");
    }
    return new Scalar(line, parser.getText());
  }

  private int line() {
    return Math.max(0, parser.currentTokenLocation().getLineNr());
  }

  /** The parser quotes the lines around an error, indented; they may hold a password. */
  private static String withoutSnippets(String message) {
    return message
        .lines()
        .filter(line -> !line.isBlank() && !Character.isWhitespace(line.charAt(0)))
        .collect(Collectors.joining(", "));
  }
}

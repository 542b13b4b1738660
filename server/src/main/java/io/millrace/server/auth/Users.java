package io.millrace.server.auth;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.server.auth.PasswordHash.NotAHash;
import io.millrace.server.config.AuthConfig.Pbkdf2;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a file of users says: user name to {@code {password, clientData?, serverData?}}. Immutable.
 *
 * @param decoy what is checked for a name that there is not, so that this takes as long
 */
record Users(Map<String, Entry> byName, PasswordHash decoy) {
  private static final ObjectMapper YAML =
      YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static final Set<String> KEYS = Set.of("password", "clientData", "serverData");

  record Entry(PasswordHash password, User user) {}

  /**
   * Reads a file.
   *
   * @throws AuthSetupException if it is not one of users; never with anything that it says of them
   */
  static Users read(Path file, @Nullable Pbkdf2 pbkdf2) {
    JsonNode document = parse(file);
    if (!document.isObject()) {
      throw fault(file, "must hold user names, each with a password");
    }
    Map<String, Entry> users = new HashMap<>();
    document.properties().forEach(e -> users.put(e.getKey(), entry(file, e, pbkdf2)));
    return new Users(Map.copyOf(users), decoy(users));
  }

  private static JsonNode parse(Path file) {
    try {
      return YAML.readTree(Files.readString(file));
    } catch (JsonProcessingException e) {
      // Not its message: that quotes the lines around.
      throw fault(
          file,
          "line %d is not YAML, or names something twice"
              .formatted(e.getLocation() == null ? 0 : e.getLocation().getLineNr()));
    } catch (NoSuchFileException e) {
      throw fault(file, "there is no such file");
    } catch (IOException e) {
      throw fault(file, "cannot be read: " + e.getClass().getSimpleName());
    }
  }

  private static Entry entry(
      Path file, Map.Entry<String, JsonNode> named, @Nullable Pbkdf2 pbkdf2) {
    String name = named.getKey();
    JsonNode node = named.getValue();
    if (!node.isObject()) {
      throw fault(file, "user \"%s\" must hold a password".formatted(name));
    }
    node.fieldNames()
        .forEachRemaining(
            key -> {
              if (!KEYS.contains(key)) {
                throw fault(
                    file,
                    "user \"%s\" has an unknown key; allowed are password, clientData, serverData"
                        .formatted(name));
              }
            });
    // Absent client data is JSON's null to the client here (protocol §8.2).
    JsonText clientData =
        node.has("clientData") ? Json.text(node.get("clientData")) : JsonText.NULL;
    JsonText serverData = node.has("serverData") ? Json.text(node.get("serverData")) : null;
    try {
      return new Entry(
          password(node.path("password"), pbkdf2), new User(name, clientData, serverData));
    } catch (NotAHash e) {
      throw fault(file, "the password of user \"%s\" %s".formatted(name, e.problem()));
    }
  }

  private static PasswordHash password(JsonNode node, @Nullable Pbkdf2 pbkdf2) throws NotAHash {
    if (!node.isTextual()) {
      throw new NotAHash("is missing, or is not text");
    }
    String text = node.textValue();
    if (text.startsWith("$argon2id$")) {
      return Argon2id.parse(text);
    }
    if (text.startsWith("$2")) {
      return PasswordHash.Bcrypt.parse(text);
    }
    if (pbkdf2 != null) {
      return Pbkdf2Hash.parse(text, pbkdf2);
    }
    throw new NotAHash(
        "is not a hash; clear text is not accepted: put there what `bin/millrace hash` prints"
            + " (argon2id), or a bcrypt hash");
  }

  /** Any of them: all are made alike, as a rule. */
  private static PasswordHash decoy(Map<String, Entry> users) {
    return users.values().stream().map(Entry::password).findFirst().orElseGet(Users::hashOfNobody);
  }

  private static PasswordHash hashOfNobody() {
    try {
      return Argon2id.parse(Argon2id.hash(""));
    } catch (NotAHash e) {
      throw new IllegalStateException(e);
    }
  }

  private static AuthSetupException fault(Path file, String problem) {
    return new AuthSetupException(file + ": " + problem);
  }

  @Override
  public String toString() {
    return "Users[" + byName.size() + "]";
  }
}

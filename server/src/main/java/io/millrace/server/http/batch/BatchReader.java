package io.millrace.server.http.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.millrace.server.http.call.Requests;
import java.util.ArrayList;
import java.util.List;

/** From the body of a batch to its requests: all of them are valid, or none is made (§7.3). */
final class BatchReader {
  private final boolean allowAuthData;

  /**
   * @param allowAuthData whether the batch itself may carry login data
   */
  public BatchReader(boolean allowAuthData) {
    this.allowAuthData = allowAuthData;
  }

  /** What became of a body. */
  public sealed interface Outcome {}

  public record Valid(Batch batch) implements Outcome {}

  /** The text is for the caller. */
  public record Invalid(String text) implements Outcome {}

  public Outcome read(String body) {
    try {
      if (!(Json.parse(body).orElse(null) instanceof ObjectNode root)) {
        return new Invalid("Failed to parse the body of the request: it must be a JSON object");
      }
      ObjectNode authData = authData(root);
      return new Valid(new Batch(authData, items(root)));
    } catch (BatchException e) {
      return new Invalid(String.valueOf(e.getMessage()));
    }
  }

  private ObjectNode authData(ObjectNode root) throws BatchException {
    JsonNode authData = root.get("authData");
    JsonNode token = root.get("token");
    if (authData != null) {
      if (!allowAuthData) {
        throw new BatchException("Authentication using authData is disabled. Try using a token");
      }
      if (authData instanceof ObjectNode object) {
        return object;
      }
      throw new BatchException("Invalid authentication data: \"authData\" must be an object");
    }
    ObjectNode login = JsonNodeFactory.instance.objectNode();
    if (token != null) {
      if (!token.isTextual() || token.textValue().isEmpty()) {
        throw new BatchException(
            "Invalid authentication data: \"token\" must be a string that is not empty");
      }
      login.set("token", token);
    }
    return login;
  }

  private static List<BatchItem> items(ObjectNode root) throws BatchException {
    if (!(root.get("body") instanceof ArrayNode body)) {
      throw new BatchException("Invalid message: the \"body\" parameter must be an array");
    }
    if (body.isEmpty()) {
      throw new BatchException("Invalid message: the \"body\" parameter must not be empty");
    }
    List<BatchItem> items = new ArrayList<>(body.size());
    for (int i = 0; i < body.size(); i++) {
      try {
        items.add(item(body.get(i)));
      } catch (BatchException e) {
        throw new BatchException(
            "Failed to parse JIF object at index " + i + ": " + e.getMessage());
      }
    }
    return items;
  }

  private static BatchItem item(JsonNode node) throws BatchException {
    if (!(node instanceof ObjectNode object)) {
      throw new BatchException("it must be an object");
    }
    ItemFields fields = new ItemFields(object);
    String topic = fields.text("topic");
    String action = fields.text("action");
    BatchItem item =
        switch (topic) {
          case "event" -> event(action, fields);
          case "rpc" -> rpc(action, fields);
          case "record" -> record(action, fields);
          case "list" -> list(action, fields);
          case "presence" -> presence(action, fields);
          default ->
              throw new BatchException("\"topic\" must be event, rpc, record, list or presence");
        };
    fields.end();
    return item;
  }

  private static BatchItem event(String action, ItemFields fields) throws BatchException {
    require(action.equals("emit"), "emit");
    return new BatchItem.Plain(Requests.emit(fields.name("eventName"), fields.data()));
  }

  private static BatchItem rpc(String action, ItemFields fields) throws BatchException {
    require(action.equals("make"), "make");
    return new BatchItem.Plain(Requests.call(fields.name("rpcName"), fields.data()));
  }

  private static BatchItem record(String action, ItemFields fields) throws BatchException {
    switch (action) {
      case "read":
        return new BatchItem.Plain(Requests.read(fields.recordName("recordName")));
      case "head":
        return new BatchItem.Plain(Requests.head(fields.recordName("recordName")));
      case "delete":
        return new BatchItem.Plain(Requests.delete(fields.recordName("recordName")));
      case "write":
        return write(fields);
      case "notify":
        List<String> names = fields.names("recordNames");
        if (names == null) {
          throw new BatchException("\"recordNames\" is missing");
        }
        return new BatchItem.Plain(Requests.notify(names.stream().map(RecordName::new).toList()));
      default:
        throw new BatchException("\"action\" must be read, head, write, delete or notify");
    }
  }

  private static BatchItem write(ItemFields fields) throws BatchException {
    RecordName name = fields.recordName("recordName");
    int version = fields.version();
    if (!fields.has("path")) {
      return new BatchItem.Write(Requests.put(name, version, fields.objectOrArray()), name);
    }
    String path = fields.text("path");
    if (path.isEmpty()) {
      throw new BatchException("\"path\" must not be empty");
    }
    JsonText data = fields.requiredData();
    return new BatchItem.Write(Requests.putPath(name, version, path, data), name);
  }

  private static BatchItem list(String action, ItemFields fields) throws BatchException {
    RecordName name = fields.recordName("listName");
    return switch (action) {
      case "read" -> new BatchItem.Plain(Requests.read(name));
      case "delete" -> new BatchItem.Plain(Requests.delete(name));
      case "write" ->
          new BatchItem.Write(Requests.put(name, fields.version(), fields.strings()), name);
      default -> throw new BatchException("\"action\" must be read, write or delete");
    };
  }

  private static BatchItem presence(String action, ItemFields fields) throws BatchException {
    require(action.equals("query"), "query");
    List<String> names = fields.names("names");
    return new BatchItem.Plain(names == null ? Requests.whoIsOnline() : Requests.areOnline(names));
  }

  private static void require(boolean known, String action) throws BatchException {
    if (!known) {
      throw new BatchException("\"action\" must be " + action);
    }
  }
}

package io.millrace.server.http.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.server.record.MergePatch;

/** JSON Merge Patch (RFC 7396). */
record MergePatchDocument(JsonNode patch) implements Patch {

  @Override
  public JsonNode applyTo(JsonNode document) {
    if (!(patch instanceof ObjectNode changes)) {
      return patch;
    }
    ObjectNode target =
        document instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
    return MergePatch.merged(target, changes);
  }
}

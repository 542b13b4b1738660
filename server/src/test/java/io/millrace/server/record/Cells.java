package io.millrace.server.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.JsonPath;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Cells and commands in a few words. */
final class Cells {
  static final RecordName NAME = new RecordName("seats/1");

  private Cells() {}

  static RecordCell missing() {
    return new RecordCell();
  }

  static RecordCell holding(int version, String json) {
    return new RecordCell(7, version, tree(json), 3, Map.of(), List.of("node-1"));
  }

  static RecordCommand replace(int expected, String json) {
    return new RecordCommand.Replace(expected, false, tree(json), new JsonText(json));
  }

  static RecordCommand upsert(int expected, String json) {
    return new RecordCommand.Replace(expected, true, tree(json), new JsonText(json));
  }

  static RecordCommand hot(String json) {
    return new RecordCommand.ReplaceHot(tree(json), new JsonText(json));
  }

  static RecordCommand paths(int expected, PathWrite... writes) {
    return new RecordCommand.WritePaths(expected, false, List.of(writes));
  }

  static RecordCommand upsertPaths(int expected, PathWrite... writes) {
    return new RecordCommand.WritePaths(expected, true, List.of(writes));
  }

  static PathWrite set(String path, String json) {
    return PathWrite.of(path(path), json(json));
  }

  static PathWrite erase(String path) {
    return PathWrite.erase(path(path));
  }

  static RecordCommand delta(long offset, DeltaOperation operation) {
    return new RecordCommand.ApplyDelta(operation, new LogPosition("seats/0", offset), Delta.NONE);
  }

  static JsonPath path(String text) {
    return JsonPath.parse(text).orElseThrow();
  }

  static JsonNode json(String text) {
    return Json.parse(text).orElseThrow();
  }

  static ObjectNode object(String text) {
    return (ObjectNode) json(text);
  }

  static ContainerNode<?> tree(String text) {
    return (ContainerNode<?>) json(text);
  }

  static String text(RecordCell cell) {
    ContainerNode<?> data = cell.data();
    return data == null ? "missing" : Json.text(data).text();
  }

  /** All that a cell holds, for comparisons of a whole. */
  record Content(
      long incarnation,
      int version,
      @Nullable JsonNode data,
      long size,
      long sequence,
      Map<String, Long> positions,
      List<String> interest) {
    static Content of(RecordCell cell) {
      ContainerNode<?> data = cell.data();
      return new Content(
          cell.incarnation(),
          cell.version(),
          data == null ? null : data.deepCopy(),
          cell.size(),
          cell.sequence(),
          Map.copyOf(cell.positions()),
          cell.interest());
    }
  }
}

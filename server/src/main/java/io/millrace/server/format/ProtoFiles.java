package io.millrace.server.format;

import com.google.protobuf.AnyProto;
import com.google.protobuf.ApiProto;
import com.google.protobuf.DescriptorProtos;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DurationProto;
import com.google.protobuf.EmptyProto;
import com.google.protobuf.FieldMaskProto;
import com.google.protobuf.SourceContextProto;
import com.google.protobuf.StructProto;
import com.google.protobuf.TimestampProto;
import com.google.protobuf.TypeProto;
import com.google.protobuf.WrappersProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Descriptors of a {@code .proto} file and of what it imports. An import that is neither among the
 * references nor well known is left out: most such bring options only, and if a type is missing
 * because of it, that is said.
 */
final class ProtoFiles {
  private static final String DECIMAL = "confluent/type/decimal.proto";

  /** What Confluent's serializers know without a reference. */
  private static final Map<String, String> BUILT_IN =
      Map.of(
          DECIMAL,
          """
          syntax = "proto3";
          package confluent.type;
          message Decimal {
            bytes value = 1;
            uint32 precision = 2;
            int32 scale = 3;
          }
          """);

  private static final Map<String, FileDescriptor> WELL_KNOWN =
      Stream.of(
              AnyProto.getDescriptor(),
              ApiProto.getDescriptor(),
              DescriptorProtos.getDescriptor(),
              DurationProto.getDescriptor(),
              EmptyProto.getDescriptor(),
              FieldMaskProto.getDescriptor(),
              SourceContextProto.getDescriptor(),
              StructProto.getDescriptor(),
              TimestampProto.getDescriptor(),
              TypeProto.getDescriptor(),
              WrappersProto.getDescriptor())
          .collect(Collectors.toUnmodifiableMap(FileDescriptor::getName, file -> file));

  private final Map<String, String> texts;
  private final Map<String, FileDescriptor> built = new HashMap<>();
  private final Set<String> building = new HashSet<>();
  private final List<String> missing = new ArrayList<>();

  private ProtoFiles(Map<String, String> texts) {
    this.texts = texts;
  }

  /**
   * @throws Malformed if it is none, or a type that it uses is not defined
   */
  static FileDescriptor build(RegisteredSchema schema) throws Malformed {
    ProtoFiles files = new ProtoFiles(schema.references());
    try {
      return files.link(ProtoText.parse("", schema.text()));
    } catch (DescriptorValidationException e) {
      String because =
          files.missing.isEmpty() ? "" : " (imports that nothing refers to: " + files.missing + ")";
      throw new Malformed("is no valid .proto file: " + e.getDescription() + because);
    } catch (RuntimeException e) {
      throw new Malformed("is no .proto file of proto2 or proto3: " + Malformed.brief(e));
    }
  }

  private FileDescriptor link(FileDescriptorProto file)
      throws Malformed, DescriptorValidationException {
    if (!building.add(file.getName())) {
      throw new Malformed("imports itself");
    }
    FileDescriptorProto.Builder known = file.toBuilder().clearDependency().clearPublicDependency();
    List<FileDescriptor> dependencies = new ArrayList<>();
    for (int i = 0; i < file.getDependencyCount(); i++) {
      FileDescriptor dependency = imported(file.getDependency(i));
      if (dependency != null) {
        if (file.getPublicDependencyList().contains(i)) {
          known.addPublicDependency(dependencies.size());
        }
        known.addDependency(file.getDependency(i));
        dependencies.add(dependency);
      }
    }
    building.remove(file.getName());
    return FileDescriptor.buildFrom(known.build(), dependencies.toArray(FileDescriptor[]::new));
  }

  private @Nullable FileDescriptor imported(String name)
      throws Malformed, DescriptorValidationException {
    FileDescriptor ready = WELL_KNOWN.getOrDefault(name, built.get(name));
    if (ready != null) {
      return ready;
    }
    String text = texts.getOrDefault(name, BUILT_IN.get(name));
    if (text == null) {
      missing.add(name);
      return null;
    }
    FileDescriptor file = link(ProtoText.parse(name, text));
    built.put(name, file);
    return file;
  }
}

package io.millrace.server.format;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MessageOptions;
import com.google.protobuf.DescriptorProtos.OneofDescriptorProto;
import com.squareup.wire.Syntax;
import com.squareup.wire.schema.Field;
import com.squareup.wire.schema.Location;
import com.squareup.wire.schema.internal.parser.EnumElement;
import com.squareup.wire.schema.internal.parser.FieldElement;
import com.squareup.wire.schema.internal.parser.GroupElement;
import com.squareup.wire.schema.internal.parser.MessageElement;
import com.squareup.wire.schema.internal.parser.OneOfElement;
import com.squareup.wire.schema.internal.parser.ProtoFileElement;
import com.squareup.wire.schema.internal.parser.ProtoParser;
import com.squareup.wire.schema.internal.parser.TypeElement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The text of a {@code .proto} file as the structure that protobuf builds descriptors of. Types
 * that fields name stay as they are written: the builder looks them up as protoc does. What is left
 * out says nothing about bytes: services, extensions, options, defaults.
 */
final class ProtoText {
  private static final Map<String, Type> SCALARS =
      Map.ofEntries(
          Map.entry("double", Type.TYPE_DOUBLE),
          Map.entry("float", Type.TYPE_FLOAT),
          Map.entry("int64", Type.TYPE_INT64),
          Map.entry("uint64", Type.TYPE_UINT64),
          Map.entry("int32", Type.TYPE_INT32),
          Map.entry("fixed64", Type.TYPE_FIXED64),
          Map.entry("fixed32", Type.TYPE_FIXED32),
          Map.entry("bool", Type.TYPE_BOOL),
          Map.entry("string", Type.TYPE_STRING),
          Map.entry("bytes", Type.TYPE_BYTES),
          Map.entry("uint32", Type.TYPE_UINT32),
          Map.entry("sfixed32", Type.TYPE_SFIXED32),
          Map.entry("sfixed64", Type.TYPE_SFIXED64),
          Map.entry("sint32", Type.TYPE_SINT32),
          Map.entry("sint64", Type.TYPE_SINT64));

  private final boolean proto3;

  private ProtoText(boolean proto3) {
    this.proto3 = proto3;
  }

  /**
   * @throws RuntimeException if it is no {@code .proto} file of syntax proto2 or proto3
   */
  static FileDescriptorProto parse(String name, String text) {
    ProtoFileElement file = ProtoParser.Companion.parse(Location.get(name), text);
    boolean proto3 = file.getSyntax() == Syntax.PROTO_3;
    FileDescriptorProto.Builder result =
        FileDescriptorProto.newBuilder().setName(name).setSyntax(proto3 ? "proto3" : "proto2");
    String scope = "";
    if (file.getPackageName() != null) {
      result.setPackage(file.getPackageName());
      scope = "." + file.getPackageName();
    }
    result.addAllDependency(file.getImports());
    for (String imported : file.getPublicImports()) {
      result.addPublicDependency(result.getDependencyCount());
      result.addDependency(imported);
    }
    ProtoText reader = new ProtoText(proto3);
    for (TypeElement type : file.getTypes()) {
      switch (type) {
        case MessageElement message -> result.addMessageType(reader.message(message, scope));
        case EnumElement symbols -> result.addEnumType(enumeration(symbols));
        default -> {}
      }
    }
    return result.build();
  }

  private DescriptorProto message(MessageElement message, String outer) {
    DescriptorProto.Builder result = DescriptorProto.newBuilder().setName(message.getName());
    String scope = outer + "." + message.getName();
    for (TypeElement type : message.getNestedTypes()) {
      switch (type) {
        case MessageElement nested -> result.addNestedType(message(nested, scope));
        case EnumElement symbols -> result.addEnumType(enumeration(symbols));
        default -> {}
      }
    }
    // Made-up types come behind those that have a place in the text: messages are named by places.
    List<String> optionals = new ArrayList<>();
    for (FieldElement field : message.getFields()) {
      FieldDescriptorProto.Builder built = field(field, scope, result);
      if (proto3 && field.getLabel() == Field.Label.OPTIONAL) {
        built.setProto3Optional(true);
        optionals.add(field.getName());
      }
      result.addField(built);
    }
    for (GroupElement group : message.getGroups()) {
      result.addField(group(group, group.getLabel(), scope, result));
    }
    for (OneOfElement oneOf : message.getOneOfs()) {
      int index = result.getOneofDeclCount();
      result.addOneofDecl(OneofDescriptorProto.newBuilder().setName(oneOf.getName()));
      for (FieldElement field : oneOf.getFields()) {
        result.addField(field(field, scope, result).setOneofIndex(index));
      }
      for (GroupElement group : oneOf.getGroups()) {
        result.addField(group(group, null, scope, result).setOneofIndex(index));
      }
    }
    markOptional(optionals, result);
    return result.build();
  }

  /** An optional field of proto3 is a choice of one, declared behind the real ones. */
  private static void markOptional(List<String> optionals, DescriptorProto.Builder message) {
    for (FieldDescriptorProto.Builder field : message.getFieldBuilderList()) {
      if (optionals.contains(field.getName())) {
        field.setOneofIndex(message.getOneofDeclCount());
        message.addOneofDecl(OneofDescriptorProto.newBuilder().setName("_" + field.getName()));
      }
    }
  }

  private FieldDescriptorProto.Builder field(
      FieldElement field, String scope, DescriptorProto.Builder message) {
    FieldDescriptorProto.Builder result =
        FieldDescriptorProto.newBuilder()
            .setName(field.getName())
            .setNumber(field.getTag())
            .setLabel(label(field.getLabel()));
    String type = field.getType();
    if (!type.startsWith("map<")) {
      return typed(result, type);
    }
    String entry = entryName(field.getName());
    int comma = type.indexOf(',');
    message.addNestedType(
        DescriptorProto.newBuilder()
            .setName(entry)
            .setOptions(MessageOptions.newBuilder().setMapEntry(true))
            .addField(entryField("key", 1, type.substring("map<".length(), comma).strip()))
            .addField(
                entryField("value", 2, type.substring(comma + 1, type.length() - 1).strip())));
    return result
        .setLabel(Label.LABEL_REPEATED)
        .setType(Type.TYPE_MESSAGE)
        .setTypeName(scope + "." + entry);
  }

  private static FieldDescriptorProto.Builder entryField(String name, int number, String type) {
    return typed(
        FieldDescriptorProto.newBuilder()
            .setName(name)
            .setNumber(number)
            .setLabel(Label.LABEL_OPTIONAL),
        type);
  }

  private static FieldDescriptorProto.Builder typed(
      FieldDescriptorProto.Builder field, String type) {
    Type scalar = SCALARS.get(type);
    return scalar == null ? field.setTypeName(type) : field.setType(scalar);
  }

  /** protoc's name for a map's entries. */
  private static String entryName(String field) {
    StringBuilder name = new StringBuilder();
    boolean upper = true;
    for (char c : field.toCharArray()) {
      if (c == '_') {
        upper = true;
      } else {
        name.append(upper ? Character.toUpperCase(c) : c);
        upper = false;
      }
    }
    return name.append("Entry").toString();
  }

  private FieldDescriptorProto.Builder group(
      GroupElement group,
      Field.@Nullable Label label,
      String outer,
      DescriptorProto.Builder message) {
    String scope = outer + "." + group.getName();
    DescriptorProto.Builder type = DescriptorProto.newBuilder().setName(group.getName());
    for (FieldElement field : group.getFields()) {
      type.addField(field(field, scope, type));
    }
    message.addNestedType(type);
    return FieldDescriptorProto.newBuilder()
        // As protoc names it.
        .setName(group.getName().toLowerCase(Locale.ROOT))
        .setNumber(group.getTag())
        .setLabel(label(label))
        .setType(Type.TYPE_GROUP)
        .setTypeName(scope);
  }

  private static Label label(Field.@Nullable Label label) {
    return switch (label) {
      case REPEATED -> Label.LABEL_REPEATED;
      case REQUIRED -> Label.LABEL_REQUIRED;
      case OPTIONAL, ONE_OF -> Label.LABEL_OPTIONAL;
      case null -> Label.LABEL_OPTIONAL;
    };
  }

  private static EnumDescriptorProto enumeration(EnumElement symbols) {
    EnumDescriptorProto.Builder result =
        EnumDescriptorProto.newBuilder().setName(symbols.getName());
    symbols
        .getConstants()
        .forEach(
            constant ->
                result.addValue(
                    EnumValueDescriptorProto.newBuilder()
                        .setName(constant.getName())
                        .setNumber(constant.getTag())));
    return result.build();
  }
}

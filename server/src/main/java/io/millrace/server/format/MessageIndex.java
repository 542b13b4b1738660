package io.millrace.server.format;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import java.util.List;

/**
 * Which message of a {@code .proto} file the payload is: how many steps, then each as its place in
 * the file or in the message before, all as zigzag varints; a single 0 is the file's first message.
 *
 * @param payloadAt where the message itself begins
 */
record MessageIndex(Descriptor message, int payloadAt) {

  static MessageIndex of(FileDescriptor file, byte[] bytes, int at) throws Malformed {
    AvroBytes in = new AvroBytes(bytes, at);
    int steps = in.integer();
    if (steps < 0 || steps > in.left()) {
      throw new Malformed("has an impossible index of its message");
    }
    Descriptor message = pick(file.getMessageTypes(), steps == 0 ? 0 : in.integer());
    for (int i = 1; i < steps; i++) {
      message = pick(message.getNestedTypes(), in.integer());
    }
    return new MessageIndex(message, bytes.length - in.left());
  }

  private static Descriptor pick(List<Descriptor> messages, int index) throws Malformed {
    if (index < 0 || index >= messages.size()) {
      throw new Malformed("is message %d of %d of its schema".formatted(index, messages.size()));
    }
    return messages.get(index);
  }
}

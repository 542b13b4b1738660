package io.millrace.testkit;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.codec.BinaryCodec;
import io.millrace.protocol.codec.DecodeResult.Decoded;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * The other end for tests of the scripted client: accepts one WebSocket on loopback and is told
 * frame by frame what to write. No more of RFC 6455 than that takes. Confined to its test's thread.
 */
final class OneSocketServer implements AutoCloseable {
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int CONTINUATION = 0;

  private static final int FIN = 0x80;
  private static final String KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private final ServerSocket listener;
  private Socket socket = new Socket();

  OneSocketServer() throws IOException {
    listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    listener.setReceiveBufferSize(8192);
  }

  URI uri() {
    return URI.create("ws://127.0.0.1:" + listener.getLocalPort() + "/deepstream");
  }

  /** Takes the socket and answers its upgrade. */
  OneSocketServer accept() throws IOException {
    socket = listener.accept();
    socket.setSoTimeout(60_000);
    socket.setSendBufferSize(8192);
    String request = "";
    while (!request.endsWith("\r\n\r\n")) {
      request += (char) socket.getInputStream().read();
    }
    String key = request.replaceAll("(?is).*sec-websocket-key: *(\\S+).*", "$1");
    String answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: %s\r\n\r\n".formatted(accepted(key));
    socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
    return this;
  }

  void send(ServerMessage message) throws IOException {
    write(BINARY, true, BinaryCodec.encode(message));
  }

  void write(int opcode, boolean isLast, byte[] payload) throws IOException {
    OutputStream out = socket.getOutputStream();
    ByteBuffer head = ByteBuffer.allocate(10).put((byte) (opcode | (isLast ? FIN : 0)));
    if (payload.length < 126) {
      head.put((byte) payload.length);
    } else if (payload.length < 65536) {
      head.put((byte) 126).putShort((short) payload.length);
    } else {
      head.put((byte) 127).putLong(payload.length);
    }
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(head.array(), 0, head.position());
    frame.writeBytes(payload);
    out.write(frame.toByteArray());
  }

  void writeClose(int code, String reason) throws IOException {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    write(
        CLOSE, true, ByteBuffer.allocate(2 + text.length).putShort((short) code).put(text).array());
  }

  ClientMessage read() throws IOException {
    return ((Decoded<ClientMessage>) BinaryCodec.decodeClient(readFrame().payload())).message();
  }

  record Frame(int opcode, byte[] payload) {}

  /** One whole frame; those of a client are short, masked and not split. */
  Frame readFrame() throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    int opcode = in.readUnsignedByte() & 0x0f;
    int length = in.readUnsignedByte() & 0x7f;
    if (length == 126) {
      length = in.readUnsignedShort();
    }
    byte[] mask = in.readNBytes(4);
    byte[] payload = in.readNBytes(length);
    for (int i = 0; i < length; i++) {
      payload[i] ^= mask[i & 3];
    }
    return new Frame(opcode, payload);
  }

  boolean isAtEnd() throws IOException {
    return socket.getInputStream().read() < 0;
  }

  void cut() throws IOException {
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    listener.close();
  }

  private static String accepted(String key) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-1")
              .digest((key + KEY_SUFFIX).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

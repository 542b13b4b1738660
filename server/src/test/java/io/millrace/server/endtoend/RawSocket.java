package io.millrace.server.endtoend;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.protocol.AuthAction;
import io.millrace.protocol.AuthReply;
import io.millrace.protocol.AuthRequest;
import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ConnectionReply;
import io.millrace.protocol.ConnectionRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.codec.BinaryCodec;
import io.millrace.protocol.codec.DecodeResult;
import io.millrace.protocol.value.JsonText;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** A WebSocket whose frames are made by hand, also such as no client library would send. */
public final class RawSocket implements AutoCloseable {
  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int FINAL = 0x80;
  private static final int TIMEOUT_MS = 60_000;

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;

  /** A frame of the server: its first byte without the FIN bit, and what it carries. */
  public record Frame(int opcode, byte[] payload) {
    int closeCode() {
      return payload.length < 2 ? 1005 : ((payload[0] & 0xff) << 8) | (payload[1] & 0xff);
    }

    String closeReason() {
      return payload.length < 2 ? "" : new String(payload, 2, payload.length - 2, UTF_8);
    }
  }

  private RawSocket(Socket socket, int patienceMs) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(patienceMs);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 10));
    out = new BufferedOutputStream(socket.getOutputStream(), 64 << 10);
  }

  /** A TCP connection on which nothing was said yet. */
  static RawSocket connect(int port) throws IOException {
    // Small, so that what is not read soon fills the server's side.
    return connect(port, 16 << 10);
  }

  private static RawSocket connect(int port, int receiveBuffer) throws IOException {
    return connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), receiveBuffer, TIMEOUT_MS);
  }

  private static RawSocket connect(InetSocketAddress server, int receiveBuffer, int patienceMs)
      throws IOException {
    Socket socket = new Socket();
    try {
      socket.setReceiveBufferSize(receiveBuffer);
      socket.setTcpNoDelay(true);
      socket.connect(server, patienceMs);
      return new RawSocket(socket, patienceMs);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** An upgraded one. */
  static RawSocket upgrade(int port) throws IOException {
    return upgrade(connect(port));
  }

  /**
   * An upgraded one that takes much at once. With a window smaller than a segment of the loopback
   * interface, 64 KiB, the kernel sends only when a timer of 200 ms says so.
   */
  static RawSocket upgradeWide(int port) throws IOException {
    return upgrade(connect(port, 4 << 20));
  }

  /**
   * An upgraded one that has logged in, here or where it was redirected to.
   *
   * @param login the login data
   * @param patience how long it waits for what it reads
   */
  public static RawSocket login(InetSocketAddress server, String login, Duration patience)
      throws IOException {
    RawSocket socket = connect(server, 4 << 20, (int) patience.toMillis());
    try {
      Optional<InetSocketAddress> elsewhere = upgrade(socket).challenge();
      if (elsewhere.isPresent()) {
        socket.close();
        return login(elsewhere.get(), login, patience);
      }
      return socket.logIn(login);
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private static RawSocket upgrade(RawSocket raw) throws IOException {
    raw.write(
        """
        GET /deepstream HTTP/1.1\r
        Host: 127.0.0.1\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Sec-WebSocket-Version: 13\r
        \r
        """
            .getBytes(ISO_8859_1));
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) raw.in.readUnsignedByte());
    }
    if (!head.toString().startsWith("HTTP/1.1 101 ")) {
      throw new IOException("not upgraded: " + head);
    }
    return raw;
  }

  /** Sends any bytes as they are. */
  void write(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  /**
   * Sends a masked frame, as clients must; the mask is zero, which leaves the payload readable.
   *
   * @param first opcode and FIN bit
   */
  void frame(int first, byte[] payload) throws IOException {
    add(first, payload);
    out.flush();
  }

  /** Sends a message in good order, with what was added before it. */
  public void send(ClientMessage message) throws IOException {
    add(message);
    out.flush();
  }

  /** Sends it with what comes next. */
  void add(ClientMessage message) throws IOException {
    add(FINAL | BINARY, BinaryCodec.encode(message));
  }

  void flush() throws IOException {
    out.flush();
  }

  /** The whole handshake, with an anonymous login. */
  RawSocket login() throws IOException {
    return login("{}");
  }

  private RawSocket login(String data) throws IOException {
    challenge();
    return logIn(data);
  }

  /** Where to go instead, if that is said. */
  private Optional<InetSocketAddress> challenge() throws IOException {
    send(new ConnectionRequest.Challenge("", "0.1a", "0", "raw"));
    if (BinaryCodec.decodeServer(read().payload())
        instanceof DecodeResult.Decoded<ServerMessage>(ConnectionReply.Redirect(String url))) {
      URI uri = URI.create(url);
      return Optional.of(new InetSocketAddress(uri.getHost(), uri.getPort()));
    }
    return Optional.empty();
  }

  private RawSocket logIn(String data) throws IOException {
    send(new AuthRequest.Login(new JsonText(data)));
    Frame reply = read();
    if (reply.opcode() != BINARY
        || !(BinaryCodec.decodeServer(reply.payload())
            instanceof DecodeResult.Decoded<ServerMessage>(AuthReply auth))
        || auth.action() != AuthAction.AUTH_SUCCESSFUL) {
      throw new IOException("not let in: " + BinaryCodec.decodeServer(reply.payload()));
    }
    return this;
  }

  private void add(int first, byte[] payload) throws IOException {
    byte[] header = new byte[14];
    header[0] = (byte) first;
    int size = 2;
    if (payload.length < 126) {
      header[1] = (byte) (0x80 | payload.length);
    } else if (payload.length < 0x10000) {
      header[1] = (byte) (0x80 | 126);
      header[2] = (byte) (payload.length >> 8);
      header[3] = (byte) payload.length;
      size = 4;
    } else {
      header[1] = (byte) (0x80 | 127);
      for (int i = 0; i < 4; i++) {
        header[6 + i] = (byte) (payload.length >> (24 - 8 * i));
      }
      size = 10;
    }
    out.write(header, 0, size + 4);
    out.write(payload);
  }

  /** The next frame; waits at most a minute, or as long as it was told. */
  public Frame read() throws IOException {
    int opcode = in.readUnsignedByte() & 0x0f;
    long length = in.readUnsignedByte();
    if (length == 126) {
      length = in.readUnsignedShort();
    } else if (length == 127) {
      length = in.readLong();
    }
    byte[] payload = new byte[(int) length];
    in.readFully(payload);
    return new Frame(opcode, payload);
  }

  /** Whether the server ends the connection; reads what is left. */
  boolean isClosedByServer() throws IOException {
    try {
      while (in.read() >= 0) {
        continue;
      }
      return true;
    } catch (java.net.SocketTimeoutException stillOpen) {
      return false;
    } catch (java.net.SocketException reset) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

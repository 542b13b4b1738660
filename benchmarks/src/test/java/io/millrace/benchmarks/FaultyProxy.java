package io.millrace.benchmarks;

import io.millrace.protocol.RecordPush;
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
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands before a server and does one thing wrong to one PATCH of one connection, so that the load
 * program has something to find.
 */
final class FaultyProxy implements AutoCloseable {
  private static final int FAULTY_PATCH = 100;

  enum Fault {
    DROP,
    REPEAT,
    SWAP_WITH_NEXT
  }

  private final ServerSocket listener;
  private final int serverPort;
  private final Fault fault;
  private final AtomicInteger patches = new AtomicInteger();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  private FaultyProxy(int serverPort, Fault fault) throws IOException {
    this.listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    this.serverPort = serverPort;
    this.fault = fault;
  }

  static FaultyProxy before(int serverPort, Fault fault) throws IOException {
    FaultyProxy proxy = new FaultyProxy(serverPort, fault);
    Thread.startVirtualThread(proxy::accept);
    return proxy;
  }

  int port() {
    return listener.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private interface Pump {
    void run() throws IOException;
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
        sockets.add(client);
        sockets.add(server);
        start(() -> client.getInputStream().transferTo(server.getOutputStream()), client, server);
        start(() -> pass(server, client.getOutputStream()), client, server);
      }
    } catch (IOException e) {
      // Closed: the test is over.
    }
  }

  private static void start(Pump pump, Socket client, Socket server) {
    Thread.startVirtualThread(
        () -> {
          try (client;
              server) {
            pump.run();
          } catch (IOException e) {
            // The other end has gone.
          }
        });
  }

  private void pass(Socket server, OutputStream out) throws IOException {
    DataInputStream in = new DataInputStream(server.getInputStream());
    passHead(in, out);
    while (true) {
      byte[] frame = frame(in);
      if (!isPatch(frame) || patches.incrementAndGet() != FAULTY_PATCH) {
        out.write(frame);
        continue;
      }
      switch (fault) {
        case DROP -> {}
        case REPEAT -> {
          out.write(frame);
          out.write(frame);
        }
        case SWAP_WITH_NEXT -> {
          out.write(frame(in));
          out.write(frame);
        }
      }
    }
  }

  private static void passHead(DataInputStream in, OutputStream out) throws IOException {
    int lastFour = 0;
    while (lastFour != 0x0D0A0D0A) {
      byte next = in.readByte();
      out.write(next);
      lastFour = (lastFour << 8) | (next & 0xFF);
    }
  }

  /** A whole WebSocket frame of a server. */
  private static byte[] frame(DataInputStream in) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(in.readByte());
    int length = in.readUnsignedByte();
    frame.write(length);
    if (length == 126) {
      length = in.readUnsignedShort();
      frame.write(length >>> 8);
      frame.write(length);
    }
    frame.write(in.readNBytes(length));
    return frame.toByteArray();
  }

  private static boolean isPatch(byte[] frame) {
    int header = (frame[1] & 0x7F) == 126 ? 4 : 2;
    byte[] payload = java.util.Arrays.copyOfRange(frame, header, frame.length);
    return BinaryCodec.decodeServer(payload) instanceof Decoded<ServerMessage>(var message)
        && message instanceof RecordPush.Patch;
  }
}

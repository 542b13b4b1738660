package io.millrace.server.http.sse;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A reader of a stream; it reads when it is asked for an event and not before. */
final class SseReader implements AutoCloseable {
  private static final int TIMEOUT_MS = 60_000;

  private final Socket socket;
  private final BufferedReader lines;

  /** One event; absent fields are "". */
  record Event(String id, String event, String data) {}

  /** Opens the stream on a socket with a small buffer, so that a slow reader is felt soon. */
  SseReader(int port, String path, String... headers) throws IOException {
    socket = new Socket();
    socket.setReceiveBufferSize(16 * 1024);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
    socket.setSoTimeout(TIMEOUT_MS);
    // HTTP/1.0: no chunks.
    StringBuilder request = new StringBuilder("GET " + path + " HTTP/1.0\r\nhost: x\r\n");
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    request.append("\r\n");
    socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.UTF_8));
    lines =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8), 1024);
    String status = lines.readLine();
    if (status == null || !status.contains(" 200 ")) {
      throw new IOException("no stream: " + status);
    }
    for (String line = lines.readLine(); !line.isEmpty(); line = lines.readLine()) {
      // headers
    }
  }

  /** The next event, null at the end of the stream. Comments are left out. */
  @Nullable Event next() throws IOException {
    String id = "";
    String event = "";
    String data = "";
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.isEmpty()) {
        if (!event.isEmpty() || !data.isEmpty()) {
          return new Event(id, event, data);
        }
      } else if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("event: ")) {
        event = line.substring(7);
      } else if (line.startsWith("data: ")) {
        data = line.substring(6);
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

package io.millrace.examples.onsale;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.protocol.value.Json;
import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.imageio.ImageIO;

/** A browser that looks at one seat and says what it sees; {@code web/e2e/watch-seat.mjs}. */
final class SeatWatcher implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(45);

  private final Process process;
  private final Path screenshot;
  private final BlockingQueue<JsonNode> seen = new LinkedBlockingQueue<>();

  private SeatWatcher(Process process, Path screenshot) {
    this.process = process;
    this.screenshot = screenshot;
    Thread.ofPlatform().daemon().name("seat-watcher").start(this::listen);
  }

  static SeatWatcher open(
      Path chromium, WebPage page, int port, String section, String seat, Path screenshot)
      throws IOException {
    return new SeatWatcher(
        new ProcessBuilder(
                "node",
                "e2e/watch-seat.mjs",
                chromium.toString(),
                "http://127.0.0.1:" + port + "/",
                section,
                seat,
                screenshot.toAbsolutePath().toString())
            .directory(page.folder().toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start(),
        screenshot);
  }

  /** Waits for the first thing seen that is as wanted. */
  JsonNode await(String what, Predicate<JsonNode> wanted) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    JsonNode last = null;
    while (true) {
      JsonNode next = seen.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (next == null) {
        throw new AssertionError("the browser never saw " + what + "; last: " + last);
      }
      if (wanted.test(next)) {
        return next;
      }
      last = next;
    }
  }

  /** The colour on the screenshot where the seat is, as #rrggbb. */
  String colourOnScreen(JsonNode seat) throws IOException {
    BufferedImage picture = ImageIO.read(screenshot.toFile());
    int x = (int) seat.at("/position/x").asDouble();
    int y = (int) seat.at("/position/y").asDouble();
    return "#%06x".formatted(picture.getRGB(x, y) & 0xffffff);
  }

  /** Ends the browser; false if the page reported errors. */
  boolean end() throws IOException, InterruptedException {
    process.getOutputStream().close();
    return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
  }

  private void listen() {
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Json.parse(line).ifPresent(seen::add);
      }
    } catch (IOException e) {
      // The browser is gone; whoever waits for it says what was missed.
      return;
    }
  }
}

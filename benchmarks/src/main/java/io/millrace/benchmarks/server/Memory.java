package io.millrace.benchmarks.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The memory of a Java process after two full collections, in KiB. Socket buffers of the kernel are
 * not part of it.
 *
 * @param rss what is resident
 * @param heap the used heap
 */
public record Memory(long rss, long heap) {
  private static final Pattern RSS = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final Pattern USED = Pattern.compile("used (\\d+)K");
  private static final long TIMEOUT_SECONDS = 60;

  /** Collects, then reads. */
  public static Memory of(long pid) throws IOException {
    jcmd(pid, "GC.run");
    jcmd(pid, "GC.run");
    String status = Files.readString(Path.of("/proc", Long.toString(pid), "status"));
    return new Memory(find(RSS, status), find(USED, jcmd(pid, "GC.heap_info")));
  }

  private static long find(Pattern pattern, String text) throws IOException {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new IOException("no " + pattern + " found");
    }
    return Long.parseLong(matcher.group(1));
  }

  private static String jcmd(long pid, String what) throws IOException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process process =
        new ProcessBuilder(jcmd, Long.toString(pid), what).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException("jcmd " + what + " failed: " + said.lines().findFirst().orElse(""));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return said;
  }
}

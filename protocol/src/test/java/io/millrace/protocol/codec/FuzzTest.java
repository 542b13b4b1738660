package io.millrace.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.codec.DecodeResult.Decoded;
import io.millrace.protocol.codec.DecodeResult.Reason;
import io.millrace.protocol.codec.DecodeResult.Refused;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Decoding is total: whatever the bytes are, there is a message or a refusal. What was decoded is
 * encoded and decoded again to the same.
 *
 * <p>Every build tries a few inputs with another seed. A long run, from the root of the repository:
 *
 * <pre>
 * mvn -ntp -B -pl protocol test -Dtest=FuzzTest -Dmillrace.fuzz.inputs=10000000
 * </pre>
 *
 * A failure names the seed and the input; {@code -Dmillrace.fuzz.seed=...} repeats it.
 */
class FuzzTest {
  private static final int INPUTS = Integer.getInteger("millrace.fuzz.inputs", 200_000);
  private static final int HEAD = 5;
  private static final long SEED = Long.getLong("millrace.fuzz.seed", System.nanoTime());

  private final SplittableRandom random = new SplittableRandom(SEED);
  private final List<byte[]> frames = Vectors.all().stream().map(Vectors.Vector::frame).toList();
  private final Map<Reason, Integer> refusals = new EnumMap<>(Reason.class);
  private int decoded;

  @Test
  void noInputIsTooMuch() {
    for (int i = 0; i < INPUTS; i++) {
      byte[] input = input();
      try {
        client(input);
        server(input);
      } catch (Throwable failure) {
        throw new AssertionError(
            "seed %d, input %d: %s".formatted(SEED, i, HexFormat.of().formatHex(input)), failure);
      }
    }
    System.out.printf(
        "fuzz: seed %d, %d inputs, %d decoded, refused %s%n", SEED, INPUTS, decoded, refusals);
    // Else the inputs are too tame, or too wild to get anywhere.
    assertThat(decoded).isGreaterThan(INPUTS / 100);
    assertThat(refusals).containsOnlyKeys(Reason.values());
  }

  private void client(byte[] input) {
    DecodeResult<ClientMessage> result = BinaryCodec.decodeClient(input);
    if (result instanceof Decoded<ClientMessage> first) {
      decoded++;
      DecodeResult<ClientMessage> again =
          BinaryCodec.decodeClient(BinaryCodec.encode(first.message()));
      if (!again.equals(result)) {
        throw new AssertionError(first + " became " + again);
      }
    } else if (result instanceof Refused<ClientMessage> refused) {
      refusals.merge(refused.reason(), 1, Integer::sum);
    }
  }

  private void server(byte[] input) {
    DecodeResult<ServerMessage> result = BinaryCodec.decodeServer(input);
    if (result instanceof Decoded<ServerMessage> first) {
      decoded++;
      DecodeResult<ServerMessage> again =
          BinaryCodec.decodeServer(BinaryCodec.encode(first.message()));
      if (!again.equals(result)) {
        throw new AssertionError(first + " became " + again);
      }
    } else if (result instanceof Refused<ServerMessage> refused) {
      refusals.merge(refused.reason(), 1, Integer::sum);
    }
  }

  private byte[] input() {
    byte[] frame = frames.get(random.nextInt(frames.size()));
    return switch (random.nextInt(8)) {
      case 0 -> bytes(random.nextInt(64));
      case 1 -> framed(1 + random.nextInt(8), bytes(random.nextInt(64)));
      case 2 -> Arrays.copyOf(frame, random.nextInt(frame.length));
      case 3 -> spliced(frame, frames.get(random.nextInt(frames.size())));
      case 4 -> mutated(frame);
      case 5 -> {
        byte[] body = body(frame);
        yield framed(frame[2], Arrays.copyOf(body, random.nextInt(body.length)));
      }
      case 6 -> {
        byte[] other = body(frames.get(random.nextInt(frames.size())));
        yield framed(frame[2], spliced(body(frame), other));
      }
      default -> framed(frame[2], mutated(body(frame)));
    };
  }

  /** All recorded frames are shorter than 128 bytes: every head takes five. */
  private static byte[] body(byte[] frame) {
    return Arrays.copyOfRange(frame, HEAD, frame.length);
  }

  /** With lengths that are right. */
  private static byte[] framed(int topic, byte[] body) {
    int length = Math.min(body.length, 120);
    byte[] frame = new byte[HEAD + length];
    frame[0] = (byte) (frame.length - 1);
    frame[1] = Wire.TOPIC << 3;
    frame[2] = (byte) topic;
    frame[3] = Wire.BODY << 3 | Wire.LENGTH_DELIMITED;
    frame[4] = (byte) length;
    System.arraycopy(body, 0, frame, HEAD, length);
    return frame;
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] mutated(byte[] frame) {
    byte[] copy = frame.clone();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      int at = random.nextInt(copy.length);
      copy[at] =
          (byte) (random.nextBoolean() ? random.nextInt() : copy[at] ^ 1 << random.nextInt(8));
    }
    return copy;
  }

  /** The start of one and the end of the other. */
  private byte[] spliced(byte[] one, byte[] other) {
    int start = random.nextInt(one.length);
    int end = random.nextInt(other.length);
    byte[] copy = Arrays.copyOf(one, start + end);
    System.arraycopy(other, other.length - end, copy, start, end);
    return copy;
  }
}

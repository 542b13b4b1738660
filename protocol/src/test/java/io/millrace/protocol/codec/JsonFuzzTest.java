package io.millrace.protocol.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.Action;
import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.codec.DecodeResult.Decoded;
import io.millrace.protocol.codec.DecodeResult.Reason;
import io.millrace.protocol.codec.DecodeResult.Refused;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** As {@link FuzzTest} for JSON, with the same properties to make it long or repeat it. */
class JsonFuzzTest {
  private static final int INPUTS = Integer.getInteger("millrace.fuzz.inputs", 200_000);
  private static final long SEED = Long.getLong("millrace.fuzz.seed", System.nanoTime());

  /** What is put where it does not belong. */
  private static final List<String> CRUMBS =
      List.of(
          "{",
          "}",
          "[",
          "]",
          "\"",
          ",",
          ":",
          "null",
          "true",
          "1e999",
          "-0.0",
          "\\",
          "\\ud800",
          " ",
          "12345678901234567890",
          "\"topic\":5,",
          "\"parsedData\":",
          "\"parsedData\":[{\"a\":1.50}],",
          "\"names\":[\"a\",1],",
          "\"versions\":{\"a\":2},",
          "\"version\":2147483648,",
          "[".repeat(600),
          "\"name\":\"\\udc00\",",
          "\uFEFF",
          "\u0000",
          "é😀",
          "NaN",
          "//",
          "'",
          "0x1",
          "01");

  private final Random random = new Random(SEED);
  private final Map<Reason, Integer> refusals = new EnumMap<>(Reason.class);
  private int decoded;

  @Test
  void noInputIsTooMuch() {
    List<byte[]> frames = frames();
    for (int i = 0; i < INPUTS; i++) {
      byte[] input = input(frames);
      try {
        client(input);
        server(input);
      } catch (Throwable failure) {
        throw new AssertionError(
            "seed %d, input %d: %s".formatted(SEED, i, new String(input, UTF_8)), failure);
      }
    }
    System.out.printf(
        "json fuzz: seed %d, %d inputs, %d decoded, refused %s%n", SEED, INPUTS, decoded, refusals);
    // Else the inputs are too tame, or too wild to get anywhere.
    assertThat(decoded).isGreaterThan(INPUTS / 100);
    assertThat(refusals).containsOnlyKeys(Reason.values());
  }

  private void client(byte[] input) {
    DecodeResult<ClientMessage> result = JsonCodec.decodeClient(input);
    if (result instanceof Decoded<ClientMessage> first) {
      decoded++;
      for (Syntax syntax : Syntax.values()) {
        requireSame(result, syntax.trip(first.message()), syntax);
      }
    } else if (result instanceof Refused<ClientMessage> refused) {
      refusals.merge(refused.reason(), 1, Integer::sum);
    }
  }

  private void server(byte[] input) {
    DecodeResult<ServerMessage> result = JsonCodec.decodeServer(input);
    if (result instanceof Decoded<ServerMessage> first) {
      decoded++;
      for (Syntax syntax : Syntax.values()) {
        requireSame(result, syntax.trip(first.message()), syntax);
      }
    } else if (result instanceof Refused<ServerMessage> refused) {
      refusals.merge(refused.reason(), 1, Integer::sum);
    }
  }

  private static void requireSame(DecodeResult<?> first, DecodeResult<?> again, Syntax syntax) {
    if (!again.equals(first)) {
      throw new AssertionError(first + " became " + again + " in " + syntax);
    }
  }

  private List<byte[]> frames() {
    RandomMessages messages = new RandomMessages(random);
    List<byte[]> frames = new ArrayList<>();
    for (Class<?> kind : RandomMessages.kinds(ClientMessage.class)) {
      frames.add(JsonCodec.encode(messages.client(kind, action(kind))));
    }
    for (Class<?> kind : RandomMessages.kinds(ServerMessage.class)) {
      frames.add(JsonCodec.encode(messages.server(kind, action(kind))));
    }
    return frames;
  }

  private @Nullable Action action(Class<?> kind) {
    List<Action> actions = RandomMessages.actions(kind);
    return actions.isEmpty() ? null : actions.get(random.nextInt(actions.size()));
  }

  private byte[] input(List<byte[]> frames) {
    byte[] frame = frames.get(random.nextInt(frames.size()));
    return switch (random.nextInt(6)) {
      case 0 -> bytes(random.nextInt(64));
      case 1 -> Arrays.copyOf(frame, random.nextInt(frame.length));
      case 2 -> mutated(frame);
      case 3 -> frame;
      case 4 -> withCrumb(frame, random.nextInt(frame.length));
      // Where a member may begin: most of these are still JSON.
      default -> withCrumb(frame, 1);
    };
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

  private byte[] withCrumb(byte[] frame, int at) {
    byte[] crumb = CRUMBS.get(random.nextInt(CRUMBS.size())).getBytes(UTF_8);
    byte[] copy = Arrays.copyOf(frame, frame.length + crumb.length);
    System.arraycopy(crumb, 0, copy, at, crumb.length);
    System.arraycopy(frame, at, copy, at + crumb.length, frame.length - at);
    return copy;
  }
}

package io.millrace.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import java.nio.BufferUnderflowException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FrameReaderTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 100, 100_000})
  void framesAreTheSameHoweverTheyWereCut(int piece) throws LinkFault {
    Buffer stream = Buffer.buffer();
    for (int number = 1; number <= 200; number++) {
      stream.appendBuffer(frame(number, "x".repeat(number * number % 3_000)));
    }
    FrameReader reader = new FrameReader(1 << 20);
    List<String> texts = new ArrayList<>();
    for (int at = 0; at < stream.length(); at += piece) {
      reader.add(stream.slice(at, Math.min(at + piece, stream.length())));
      for (FrameReader.@Nullable Frame frame = reader.next();
          frame != null;
          frame = reader.next()) {
        assertThat(frame.kind()).isEqualTo(FrameKind.BATCH);
        texts.add(frame.body().readText());
        assertThat(frame.body().remaining()).isZero();
      }
    }
    assertThat(texts).hasSize(200);
    for (int number = 1; number <= 200; number++) {
      assertThat(texts.get(number - 1)).hasSize(number * number % 3_000);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void aNumberThatIsNotTheNextIsAFault(int number) {
    FrameReader reader = new FrameReader(100);
    reader.add(frame(number, ""));
    assertThatThrownBy(reader::next).isInstanceOf(LinkFault.class).hasMessageContaining("1");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 8, 101, Integer.MAX_VALUE})
  void aLengthThatIsNotAllowedIsAFaultBeforeTheFrameHasCome(int length) {
    FrameReader reader = new FrameReader(100);
    reader.add(Buffer.buffer().appendInt(length));
    assertThatThrownBy(reader::next).isInstanceOf(LinkFault.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "plain", "grün €", "🎫", "\ud83c", "\udfab🎫", "a\ud83cb"})
  void aTextIsTheSameOnBothEndsAlsoIfItIsNoUnicode(String text) {
    FrameOutput out = new FrameOutput();
    out.writeText(text);
    out.writeInt(7);
    byte[] bytes = out.take().getBytes();
    FrameInput in = new FrameInput(bytes, 0, bytes.length);
    assertThat(in.readText()).isEqualTo(text);
    assertThat(in.readInt()).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(ints = {5, Integer.MAX_VALUE, -3, Integer.MIN_VALUE})
  void aTextThatGoesOnAfterTheEndIsAFault(int length) {
    byte[] bytes = Buffer.buffer().appendInt(length).appendString("four").getBytes();
    assertThatThrownBy(() -> new FrameInput(bytes, 0, bytes.length).readText())
        .isInstanceOf(BufferUnderflowException.class);
  }

  @Test
  void aKindThatIsNotKnownIsAFault() {
    FrameReader reader = new FrameReader(100);
    reader.add(Buffer.buffer().appendInt(9).appendLong(1).appendByte((byte) 99));
    assertThatThrownBy(reader::next).isInstanceOf(LinkFault.class);
  }

  private static Buffer frame(long number, String text) {
    FrameOutput out = new FrameOutput();
    int at = out.reserveInt();
    out.writeLong(number);
    out.writeByte(FrameKind.BATCH.ordinal());
    out.writeText(text);
    out.fillLength(at);
    return out.take();
  }
}

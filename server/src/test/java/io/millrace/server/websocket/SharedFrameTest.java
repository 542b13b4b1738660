package io.millrace.server.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.RecordPush;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.codec.BinaryCodec;
import io.millrace.protocol.codec.JsonCodec;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharedFrameTest {
  private static final int THREADS = 4;

  /** Counts what is in use. */
  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);

  @AfterEach
  void nothingIsLeftBehind() {
    assertThat(inUse()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 60, 125, 126, 127, 200, 65_400, 65_535, 65_536, 1_000_000})
  void theFrameIsReadBackWhateverItsLength(int length) {
    ServerMessage message = update(length);
    SharedFrame frame = new SharedFrame(message, allocator);

    assertThat(frame.message()).isEqualTo(message);
    assertThat(payload(frame, WireFormat.BINARY)).isEqualTo(BinaryCodec.encode(message));
    assertThat(payload(frame, WireFormat.JSON)).isEqualTo(JsonCodec.encode(message));

    frame.release();
  }

  @Test
  void framesSayWhetherTheyAreText() {
    SharedFrame frame = new SharedFrame(update(3), allocator);

    ByteBuf binary = frame.forOneMore(WireFormat.BINARY);
    ByteBuf json = frame.forOneMore(WireFormat.JSON);
    assertThat(binary.getUnsignedByte(0)).isEqualTo((short) 0x82);
    assertThat(json.getUnsignedByte(0)).isEqualTo((short) 0x81);

    binary.release();
    json.release();
    frame.release();
  }

  @Test
  void jsonIsMadeForTheFirstWhoWantsItAndOnlyOnce() {
    SharedFrame frame = new SharedFrame(update(100), allocator);
    frame.forOneMore(WireFormat.BINARY).release();
    long binaryOnly = inUse();

    ByteBuf first = frame.forOneMore(WireFormat.JSON);
    long both = inUse();
    ByteBuf second = frame.forOneMore(WireFormat.JSON);

    assertThat(both).isGreaterThan(binaryOnly);
    assertThat(inUse()).isEqualTo(both);
    assertThat(second.memoryAddress()).isEqualTo(first.memoryAddress());
    first.release();
    second.release();
    frame.release();
  }

  @Test
  void whatIsQueuedOutlivesTheMessage() {
    ServerMessage message = update(100);
    SharedFrame frame = new SharedFrame(message, allocator);
    List<ByteBuf> queued =
        List.of(
            frame.forOneMore(WireFormat.BINARY),
            frame.forOneMore(WireFormat.JSON),
            frame.forOneMore(WireFormat.JSON));
    frame.release();

    assertThat(WireFormat.payload(queued.get(0))).isEqualTo(BinaryCodec.encode(message));
    assertThat(WireFormat.payload(queued.get(1))).isEqualTo(JsonCodec.encode(message));
    assertThat(WireFormat.payload(queued.get(2))).isEqualTo(JsonCodec.encode(message));
    queued.forEach(ByteBuf::release);
  }

  @Test
  void theMessageLivesAsLongAsAnyoneHoldsIt() {
    SharedFrame frame = new SharedFrame(update(1), allocator);
    frame.retain();
    frame.release();
    frame.forOneMore(WireFormat.JSON).release();
    frame.release();

    assertThatThrownBy(frame::retain).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void oneReleaseTooManyIsABug() {
    SharedFrame frame = new SharedFrame(update(1), allocator);
    frame.release();

    assertThatThrownBy(frame::release).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void loopsMayAllWantJsonAtOnce() throws Exception {
    ExecutorService loops = Executors.newFixedThreadPool(THREADS);
    try {
      for (int round = 0; round < 500; round++) {
        shareAmong(loops);
        assertThat(inUse()).isZero();
      }
    } finally {
      loops.shutdownNow();
    }
  }

  private void shareAmong(ExecutorService loops) throws Exception {
    SharedFrame frame = new SharedFrame(update(50), allocator);
    CyclicBarrier start = new CyclicBarrier(THREADS);
    Set<String> seen = ConcurrentHashMap.newKeySet();
    List<Future<?>> ends = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      frame.retain();
      Callable<?> task =
          () -> {
            start.await();
            ByteBuf json = frame.forOneMore(WireFormat.JSON);
            frame.release();
            seen.add(json.memoryAddress() + ByteBufUtil.hexDump(json));
            return json.release();
          };
      ends.add(loops.submit(task));
    }
    frame.release();
    for (Future<?> end : ends) {
      end.get();
    }
    assertThat(seen).hasSize(1);
  }

  private static byte[] payload(SharedFrame shared, WireFormat format) {
    ByteBuf frame = shared.forOneMore(format);
    try {
      return WireFormat.payload(frame);
    } finally {
      frame.release();
    }
  }

  private long inUse() {
    return allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory();
  }

  private static ServerMessage update(int length) {
    return new RecordPush.Update(
        new RecordName("r"), 7, new JsonText("\"" + "x".repeat(length) + "\""));
  }
}

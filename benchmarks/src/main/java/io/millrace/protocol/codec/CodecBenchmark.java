package io.millrace.protocol.codec;

import io.millrace.benchmarks.SeatRecords;
import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does a message cost to read and to write? A PATCH of one seat, and an UPDATE with a section
 * of 500 seats. Does a hand-written codec pay, that is, is this small beside the system call that
 * carries the message (some 2000 ns)?
 *
 * <pre>bin/millrace bench jmh CodecBenchmark -prof gc</pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CodecBenchmark {
  private static final RecordName NAME = new RecordName("venue/hall/section");
  private static final int SEATS = 500;

  private final String path = SeatRecords.path(SEATS / 2);
  private final JsonText seat = SeatRecords.seat(1);
  private final JsonText section = SeatRecords.record(SEATS);
  private final byte[] patchRequest =
      BinaryCodec.encode(
          new RecordRequest.Patch(
              RecordAction.PATCH, NAME, 1234, path, seat, new WriteAckRequest(true, "1234")));
  private final byte[] updateRequest =
      BinaryCodec.encode(
          new RecordRequest.Update(RecordAction.UPDATE, NAME, 1234, section, WriteAckRequest.NONE));

  @Benchmark
  public byte[] encodePatch() {
    return BinaryCodec.encode(new RecordPush.Patch(NAME, 1234, path, seat));
  }

  @Benchmark
  public DecodeResult<ClientMessage> decodePatch() {
    return BinaryCodec.decodeClient(patchRequest);
  }

  @Benchmark
  public byte[] encodeUpdate() {
    return BinaryCodec.encode(new RecordPush.Update(NAME, 1234, section));
  }

  @Benchmark
  public DecodeResult<ClientMessage> decodeUpdate() {
    return BinaryCodec.decodeClient(updateRequest);
  }
}

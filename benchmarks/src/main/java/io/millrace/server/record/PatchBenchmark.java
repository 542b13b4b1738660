package io.millrace.server.record;

import io.millrace.benchmarks.SeatRecords;
import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordPush;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.codec.BinaryCodec;
import io.millrace.protocol.codec.DecodeResult.Decoded;
import io.millrace.protocol.value.Json;
import io.millrace.protocol.value.RecordName;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Does the cost of patching one seat depend on how many seats the record has?
 *
 * <p>Measures all that the server computes for a patch, without sockets and grid: decode the
 * client's frame, parse it, decide and change the owner's tree, change the follower's tree, encode
 * the PATCH that subscribers get. Seats are patched in random order, as they are sold; so a larger
 * record misses the processor's caches more often, and that much may be seen.
 *
 * <pre>bin/millrace bench jmh record.PatchBenchmark -bm sample -prof gc</pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PatchBenchmark {
  private static final RecordName NAME = new RecordName("venue/hall/section");
  private static final int FRAMES = 1 << 12;

  @Param({"100", "1000", "5000", "20000"})
  private int seats;

  private final RecordWrites writes = new RecordWrites(Long.MAX_VALUE);
  private final RecordCell cell = new RecordCell();
  private final FollowedRecord follower = new FollowedRecord(NAME);
  private final byte[][] frames = new byte[FRAMES][];
  private int next;

  /** Creates the record, and the frames that a client would send. */
  @Setup
  public void prepare() {
    var text = SeatRecords.record(seats);
    var tree = SeatRecords.tree(seats);
    writes.decide(
        NAME,
        cell,
        new RecordCommand.Replace(RecordCommand.ANY_VERSION, true, tree, text),
        1,
        null);
    follower.reset(cell.snapshot());
    var random = new Random(seats);
    for (int i = 0; i < FRAMES; i++) {
      frames[i] =
          BinaryCodec.encode(
              new RecordRequest.Patch(
                  RecordAction.PATCH,
                  NAME,
                  RecordCommand.ANY_VERSION,
                  SeatRecords.path(random.nextInt(seats)),
                  SeatRecords.seat(i),
                  WriteAckRequest.NONE));
    }
  }

  /** From the client's frame to the subscribers' frame. */
  @Benchmark
  public byte[] patch() {
    RecordChange change = decideNext();
    if (follower.take(change) != FollowedRecord.Step.TAKEN) {
      throw new IllegalStateException("the follower did not take the change");
    }
    return encode(change);
  }

  /** Of that, what happens on the partition thread of the owner, and the parsing before it. */
  @Benchmark
  public RecordChange decide() {
    return decideNext();
  }

  /** What it costs to do it the simple way: parse the record, patch it, write it. */
  @Benchmark
  public String parseWholeRecord() {
    return Json.text(Json.parse(cell.snapshot().data()).orElseThrow()).text();
  }

  private RecordChange decideNext() {
    byte[] frame = frames[next++ & (FRAMES - 1)];
    if (BinaryCodec.decodeClient(frame) instanceof Decoded<ClientMessage>(var message)
        && message instanceof RecordRequest.Write write) {
      RecordCommand command = WriteParser.parse(write, false).orElseThrow();
      RecordChange change = writes.decide(NAME, cell, command, 1, null).change();
      if (change != null) {
        return change;
      }
    }
    throw new IllegalStateException("the patch changed nothing");
  }

  private static byte[] encode(RecordChange change) {
    if (change.body() instanceof RecordChange.Paths paths) {
      RecordChange.At at = paths.writes().get(0);
      return BinaryCodec.encode(
          new RecordPush.Patch(NAME, change.version(), at.path(), at.value()));
    }
    throw new IllegalStateException("the change is no patch");
  }
}

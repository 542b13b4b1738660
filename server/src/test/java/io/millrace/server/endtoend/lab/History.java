package io.millrace.server.endtoend.lab;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What writers tried and what subscribers saw of records, held against P1 to P4. Writers write
 * values that nobody else ever writes. What can be judged at once is (one version with two states,
 * versions that go back), the rest at the end, when the cluster is quiet. Records of a history are
 * never deleted. Thread-safe.
 *
 * <p>An owner that is lost, or hangs and does not know that it is, may have published versions that
 * nobody else has. The next owner leaves out {@link #JUMP} versions, so that none of them comes
 * again with another state. What was only in such versions was never acknowledged; it may be done
 * once more behind the jump. So versions far from each other say nothing of the order.
 */
final class History {
  private static final int FAULTS_KEPT = 50;
  private static final int ANY = -1;

  /** Less than what an owner leaves out, more than what records of a history ever have. */
  private static final int JUMP = 50_000;

  /** What a writer was told. */
  enum Result {
    ACKED,
    REFUSED,
    UNKNOWN
  }

  /** A write that was tried. */
  static final class Attempt {
    final String record;
    final String path;
    final String value;
    final int expected;
    final long begun;
    private Result result = Result.UNKNOWN;
    private long ended = Long.MAX_VALUE;

    private Attempt(String record, String path, String value, int expected, long begun) {
      this.record = record;
      this.path = path;
      this.value = value;
      this.expected = expected;
      this.begun = begun;
    }

    @Override
    public String toString() {
      return "%s of %s.%s=%s%s"
          .formatted(result, record, path, value, expected == ANY ? "" : " as version " + expected);
    }
  }

  /** One record as some node answers when it is read. */
  record Final(int version, Map<String, String> data) {}

  private record Version(String record, int version) {}

  private record Path(String record, String path) {}

  private record Sitting(String observer, int number, String record) {}

  private final LongSupplier clock;
  private final Map<String, Attempt> attempts = new HashMap<>();
  private final Map<Version, Long> states = new HashMap<>();
  private final Map<String, Integer> versions = new HashMap<>();
  private final Map<Sitting, Integer> seen = new HashMap<>();
  private final List<String> faults = new ArrayList<>();
  private int faultCount;
  private long sights;

  /**
   * @param clock any that never goes back
   */
  History(LongSupplier clock) {
    this.clock = clock;
  }

  // --- writers

  /** To be called before the write is sent, whatever version it will make. */
  Attempt begin(String record, String path, String value) {
    return begin(record, path, value, ANY);
  }

  /** As that; the write is to make this version or none. */
  synchronized Attempt begin(String record, String path, String value, int expected) {
    Attempt attempt = new Attempt(record, path, value, expected, clock.getAsLong());
    if (attempts.put(value, attempt) != null) {
      throw new IllegalArgumentException(value + " was written before");
    }
    return attempt;
  }

  /** To be called when the answer has come. */
  synchronized void end(Attempt attempt, Result result) {
    attempt.result = result;
    if (result != Result.UNKNOWN) {
      attempt.ended = clock.getAsLong();
    }
  }

  // --- subscribers

  /**
   * A whole state was seen.
   *
   * @param sitting which of its connections the observer has it from
   */
  synchronized void sawState(String observer, int sitting, String record, int version, long hash) {
    Integer last = seen.put(new Sitting(observer, sitting, record), version);
    if (last != null && version <= last) {
      fault(observer + " saw the state of version " + version + " after " + last, record);
    }
    sawVersion(observer, record, version, hash);
  }

  /**
   * A change of one path was seen.
   *
   * @param hash that of the state that it leads to
   * @param already whether the observer had this value there before
   */
  synchronized void sawPatch(
      String observer,
      int sitting,
      String record,
      int version,
      long hash,
      String value,
      boolean already) {
    Integer last = seen.put(new Sitting(observer, sitting, record), version);
    if (last == null || version != last + 1) {
      fault(observer + " saw a patch to version " + version + " after " + last, record);
    }
    sawVersion(observer, record, version, hash);
    Integer earlier = versions.put(value, version);
    if (already || (earlier != null && earlier != version && areComparable(earlier, version))) {
      fault(value + " made version " + earlier + " and version " + version, record);
    }
  }

  private void sawVersion(String observer, String record, int version, long hash) {
    sights++;
    Long other = states.putIfAbsent(new Version(record, version), hash);
    if (other != null && other != hash) {
      fault(observer + " saw another state of version " + version + " than others", record);
    }
  }

  private static boolean areComparable(int version, int other) {
    return Math.abs(version - other) < JUMP;
  }

  /** Notes what else went against a promise. */
  synchronized void fault(String what, String record) {
    faultCount++;
    if (faults.size() < FAULTS_KEPT) {
      faults.add(record + ": " + what);
    }
  }

  // --- the end

  /**
   * To be called when nothing is written any more and all has settled.
   *
   * @param finals by node, by record: what the node answers when it is read
   */
  synchronized void judge(Map<String, Map<String, Final>> finals) {
    Map<String, Final> agreed = new TreeMap<>();
    finals.forEach(
        (node, records) ->
            records.forEach(
                (record, state) -> {
                  Final other = agreed.putIfAbsent(record, state);
                  if (other != null && !other.equals(state)) {
                    fault(
                        node + " has version " + state.version() + ", others have another state",
                        record);
                  }
                }));
    agreed.forEach(
        (record, state) -> sawVersion("a reader", record, state.version(), hash(state.data())));
    Map<Path, List<Attempt>> byPath = new LinkedHashMap<>();
    attempts
        .values()
        .forEach(
            each ->
                byPath
                    .computeIfAbsent(new Path(each.record, each.path), unused -> new ArrayList<>())
                    .add(each));
    byPath.forEach((path, tried) -> judgePath(path, tried, agreed.get(path.record())));
    agreed.forEach((record, state) -> judgeOrigin(record, state, byPath));
    judgeExpectations();
    judgeOrder();
  }

  /** P4: what was acknowledged is there, or something later is in its place. */
  private void judgePath(Path path, List<Attempt> tried, @Nullable Final state) {
    String value = state == null ? null : state.data().get(path.path());
    Attempt winner = value == null ? null : attempts.get(value);
    for (Attempt attempt : tried) {
      if (attempt == winner) {
        if (attempt.result == Result.REFUSED) {
          fault("refused, and there: " + attempt, path.record());
        }
      } else if (attempt.result == Result.ACKED && (winner == null || isLater(attempt, winner))) {
        fault("lost: " + attempt + ", there is " + winner, path.record());
      }
    }
  }

  private boolean isLater(Attempt attempt, Attempt other) {
    Integer version = versions.get(attempt.value);
    Integer otherVersion = versions.get(other.value);
    return (version != null && otherVersion != null && areComparable(version, otherVersion))
        ? version > otherVersion
        : attempt.begun > other.ended;
  }

  private void judgeOrigin(String record, Final state, Map<Path, List<Attempt>> byPath) {
    state
        .data()
        .forEach(
            (path, value) -> {
              Attempt attempt = attempts.get(value);
              if (attempt == null || !byPath.containsKey(new Path(record, path))) {
                fault("nobody wrote " + path + "=" + value, record);
              }
            });
  }

  /** P1: of all who wanted to make a version, one was told that it did, and it did. */
  private void judgeExpectations() {
    Set<Version> won = new HashSet<>();
    for (Attempt attempt : attempts.values()) {
      if (attempt.expected == ANY || attempt.result != Result.ACKED) {
        continue;
      }
      if (!won.add(new Version(attempt.record, attempt.expected))) {
        fault("two writes were told that they made it, one is " + attempt, attempt.record);
      }
      Integer version = versions.get(attempt.value);
      if (version != null && version != attempt.expected) {
        fault("made version " + version + ": " + attempt, attempt.record);
      }
    }
  }

  /** P1: a write that began after another one was acknowledged has the higher version. */
  private void judgeOrder() {
    Map<String, List<Attempt>> known = new HashMap<>();
    attempts.values().stream()
        .filter(each -> versions.containsKey(each.value))
        .forEach(each -> known.computeIfAbsent(each.record, r -> new ArrayList<>()).add(each));
    known.forEach(
        (record, all) -> {
          all.sort(Comparator.comparingLong(each -> each.begun));
          PriorityQueue<Attempt> open =
              new PriorityQueue<>(Comparator.comparingLong(each -> each.ended));
          Attempt highest = null;
          for (Attempt attempt : all) {
            for (Attempt next = open.peek();
                next != null && next.ended < attempt.begun;
                next = open.peek()) {
              open.remove();
              if (highest == null || version(next) > version(highest)) {
                highest = next;
              }
            }
            if (highest != null
                && version(highest) > version(attempt)
                && areComparable(version(highest), version(attempt))) {
              fault(
                  attempt
                      + " made version "
                      + version(attempt)
                      + " after "
                      + highest
                      + " made "
                      + version(highest),
                  record);
            }
            open.add(attempt);
          }
        });
  }

  private int version(Attempt attempt) {
    return versions.getOrDefault(attempt.value, ANY);
  }

  // --- results

  /** What went against a promise; the first of it, and how much more there is. */
  synchronized List<String> faults() {
    List<String> all = new ArrayList<>(faults);
    if (faultCount > faults.size()) {
      all.add("and " + (faultCount - faults.size()) + " more");
    }
    return all;
  }

  synchronized long count(Result result) {
    return attempts.values().stream().filter(each -> each.result == result).count();
  }

  @Override
  public synchronized String toString() {
    return "%d writes acknowledged, %d refused, %d unknown; %d versions, seen %d times"
        .formatted(
            count(Result.ACKED),
            count(Result.REFUSED),
            count(Result.UNKNOWN),
            states.size(),
            sights);
  }

  // --- hashes of states, that can be kept up to date path by path

  static long hash(Map<String, String> data) {
    long hash = 0;
    for (Map.Entry<String, String> entry : data.entrySet()) {
      hash += hash(entry.getKey(), entry.getValue());
    }
    return hash;
  }

  /** What one entry adds to the hash of a state. */
  static long hash(String path, String value) {
    long mixed = ((long) path.hashCode() << 32) ^ (value.hashCode() & 0xffffffffL);
    mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}

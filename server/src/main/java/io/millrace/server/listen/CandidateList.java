package io.millrace.server.listen;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * All candidates that one home loop knows, on any node, in the order in which they came. Confined
 * to that loop.
 */
final class CandidateList implements Candidates {

  /** Who is shuffled: enough to share out the work, and few enough to be kept for each name. */
  private static final int SHUFFLED_GROUP = 64;

  private final @Nullable Random shuffle;
  private final List<Candidate> all = new ArrayList<>();
  private final Map<PatternListener, Candidate> byListener = new HashMap<>();
  private long newest;

  /**
   * @param shuffle has them asked in random order; null: in the order in which they came
   */
  CandidateList(@Nullable Random shuffle) {
    this.shuffle = shuffle;
  }

  void add(ListenPattern pattern, PatternListener listener) {
    newest++;
    Candidate candidate = new Candidate(newest, pattern, listener);
    all.add(candidate);
    byListener.put(listener, candidate);
  }

  @Nullable Candidate get(PatternListener listener) {
    return byListener.get(listener);
  }

  /** Takes away those of the listeners, and answers them. */
  List<Candidate> remove(Collection<? extends PatternListener> listeners) {
    List<Candidate> gone = new ArrayList<>(listeners.size());
    for (PatternListener listener : listeners) {
      Candidate candidate = byListener.remove(listener);
      if (candidate != null) {
        candidate.stop();
        gone.add(candidate);
      }
    }
    all.removeIf(candidate -> !candidate.isListening());
    return gone;
  }

  int size() {
    return all.size();
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  @Override
  public long newest() {
    return newest;
  }

  @Override
  public @Nullable Candidate after(long position) {
    int low = 0;
    int high = all.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (all.get(middle).position() <= position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low < all.size() ? all.get(low) : null;
  }

  @Override
  public int groupSize() {
    return shuffle == null ? 1 : SHUFFLED_GROUP;
  }

  @Override
  public void arrange(List<Candidate> group) {
    if (shuffle != null) {
      Collections.shuffle(group, shuffle);
    }
  }
}

package io.millrace.server.listen;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who can be asked, and in which order. */
interface Candidates {

  /** The position of the newest one ever, 0 if there was none. */
  long newest();

  /** The first one behind the position. */
  @Nullable Candidate after(long position);

  /** How many are looked for before the first of them is asked. */
  int groupSize();

  /** Puts those who were found into the order in which they are asked. */
  void arrange(List<Candidate> group);
}

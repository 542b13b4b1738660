package io.millrace.server.record;

import org.jspecify.annotations.Nullable;

/**
 * Who speaks for a record, and what may have been said of it that is not in the cell.
 *
 * <p>An owner publishes a change before its backup has a copy of it. If it is lost then, followers
 * know of versions that the next owner never saw, and that must not be given a second value. So an
 * owner signs the cell before it publishes anything of it, and waits until the signature is copied.
 * The next owner finds the signature of a lost node, and leaves out as many versions as that node
 * may have published.
 *
 * @param owner the node that may have published what is not in the cell; null before anybody did
 * @param floor versions of the present life up to here may have been seen by somebody; less than
 *     the cell's version in the usual case that nothing was lost
 * @param lifeFloor lives up to here may have been seen by somebody
 */
public record Ownership(@Nullable String owner, int floor, long lifeFloor) {
  public static final Ownership NONE = new Ownership(null, RecordSnapshot.MISSING, 0);

  /**
   * How many versions an owner that was lost may have published without a copy: more than a
   * partition thread makes of one record while a link stalls that nobody has declared dead yet, few
   * enough that a record can lose its owner twenty thousand times.
   */
  public static final int GAP = 100_000;

  /** The node owns the record, and nothing was lost. */
  public Ownership by(String node) {
    return new Ownership(node, floor, lifeFloor);
  }

  /**
   * The node owns the record after another that was lost.
   *
   * @param version the last one that is known of
   * @param now an incarnation that is later than any the lost owner can have begun
   */
  public Ownership afterLoss(String node, int version, long now) {
    long last = (long) Math.max(version, floor) + GAP;
    return new Ownership(
        node, (int) Math.min(last, Integer.MAX_VALUE - GAP), Math.max(lifeFloor, now));
  }

  Ownership inNewLife() {
    return floor == RecordSnapshot.MISSING
        ? this
        : new Ownership(owner, RecordSnapshot.MISSING, lifeFloor);
  }
}

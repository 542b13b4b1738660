package io.millrace.server.grid;

import io.millrace.server.record.Ownership;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordSnapshot;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * When this node may publish what becomes of a record that it owns (see {@link Ownership}): after
 * its signature has been copied to the backup. Whoever asks for the first change gets {@link
 * GridAnswer.NotClaimed}, which is complete when the copy is there, and asks again with the claim.
 * Called on partition threads.
 */
final class Claims {
  private final GridMembership membership;
  private final boolean clustered;
  private final LongSupplier incarnations;
  private final IntSupplier heard;

  /**
   * @param clustered false for a node that will always be alone, so that nothing can be lost
   * @param incarnations what a life that begins now has for an incarnation
   * @param heard how many other members can be heard
   */
  Claims(
      GridMembership membership, boolean clustered, LongSupplier incarnations, IntSupplier heard) {
    this.heard = heard;
    this.membership = membership;
    this.clustered = clustered;
    this.incarnations = incarnations;
  }

  /**
   * Whether the cell has to be signed and copied first.
   *
   * @param claim the owner whose signature is known to be copied
   */
  boolean isNeeded(RecordCell cell, @Nullable String claim) {
    if (!clustered || cell.version() == RecordSnapshot.MISSING) {
      // A first life can't be taken for another one.
      return false;
    }
    String self = membership.signature();
    if (!cell.isConfirmed(self) && self.equals(claim) && self.equals(cell.ownership().owner())) {
      cell.confirm();
    }
    return !cell.isConfirmed(self);
  }

  /** What this node signs the cell with. */
  Ownership claim(RecordCell cell) {
    Ownership before = cell.ownership();
    String owner = before.owner();
    String self = membership.signature();
    if (owner == null
        || owner.equals(self)
        || !membership.isLost(owner)
        || PlantedFault.SKIP_JUMP.isPlanted()) {
      return before.by(self);
    }
    return before.afterLoss(self, cell.version(), incarnations.getAsLong());
  }

  /** Signs a cell of which nobody has heard. */
  void born(RecordCell cell, String owner) {
    if (clustered) {
      cell.sign(cell.ownership().by(owner));
      cell.confirm();
    }
  }

  /**
   * What a record is signed with that comes from storage. Where nodes were lost, storage may be
   * behind what they published.
   */
  Ownership installed(int version) {
    if (!clustered) {
      return Ownership.NONE;
    }
    return membership.hasLostNodes()
        ? Ownership.NONE.afterLoss(membership.signature(), version, 0)
        : Ownership.NONE.by(membership.signature());
  }

  /** Whether there may have been a record that neither the grid nor storage knows of any more. */
  boolean mayHaveLostRecords() {
    return membership.hasLostNodes();
  }

  boolean isClustered() {
    return clustered;
  }

  boolean isMinority() {
    return membership.isMinority();
  }

  /**
   * Whether a change of the record would have no copy, and this node may be cut off and not know it
   * yet: it takes one member after the other for lost, and has the records of the first to itself
   * while it still takes the next one for a member, or that one goes on without it. Passes with the
   * next copy, or when enough time has passed to know.
   */
  boolean mayBeCutOff(String name) {
    return clustered
        && membership.minSize() > 1
        && (membership.hasJustLostNodes() || heard.getAsInt() + 1 < membership.minSize())
        && !membership.hasCopyElsewhere(name);
  }

  /** This node's copy of the record is not the owner's any more. On its partition's thread. */
  void askForCopy(String name) {
    membership.askForCopy(name);
  }

  boolean isMeeting() {
    return membership.isMeeting();
  }

  boolean hasOutlivedSplit() {
    return membership.hasOutlivedSplit();
  }

  boolean isMember(String node) {
    return !clustered || membership.isMember(node);
  }

  /** Whether this node's member of the grid has stopped, so that nothing can be asked again. */
  boolean isStopped() {
    return membership.isStopped();
  }

  /** Later lives have higher numbers, also after everything about earlier ones is forgotten. */
  long newIncarnation() {
    return incarnations.getAsLong();
  }

  String signature() {
    return membership.signature();
  }
}

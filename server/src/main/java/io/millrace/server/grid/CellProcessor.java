package io.millrace.server.grid;

import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import com.hazelcast.spi.exception.RetryableHazelcastException;
import io.millrace.server.record.Ownership;
import io.millrace.server.record.RecordCell;
import io.millrace.server.record.RecordSnapshot;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The shell that all processors share: finds the owner's services, runs on the owner or, as the
 * same delta, on the backup, and keeps blank cells out of the map. Runs on the partition thread;
 * never blocks, never re-enters the grid.
 */
abstract class CellProcessor
    implements EntryProcessor<String, RecordCell, GridAnswer>,
        HazelcastInstanceAware,
        IdentifiedDataSerializable {
  private static final long serialVersionUID = 1;

  private boolean backup;

  /** The owner whose signature is known to be copied. */
  private @Nullable String claim;

  /** What was signed instead of anything being done. */
  private transient @Nullable Ownership signed;

  /** Whether nothing was done that a backup would have to do, too. */
  private transient boolean nothing;

  /** The owner's time, which is the backup's as well. */
  private long ownersMicros;

  /** What the owner had of the record before, if anything; which the backup has as well. */
  private long lifeBefore;

  private int versionBefore = RecordSnapshot.MISSING;

  private transient @Nullable OwnerSide owner;

  @Override
  public final void setHazelcastInstance(HazelcastInstance hazelcast) {
    owner = OwnerSide.of(hazelcast);
  }

  /** Whether the answer is to be kept here instead of being made ready to travel. */
  private transient boolean keepsAnswer;

  private transient @Nullable GridAnswer answer;

  @Override
  public final @Nullable GridAnswer process(Map.Entry<String, RecordCell> entry) {
    GridAnswer given = answer(entry);
    answer = given;
    return keepsAnswer ? null : given;
  }

  /** For those who run it in a batch and see to the answers themselves. */
  final void keepAnswer() {
    keepsAnswer = true;
  }

  final @Nullable GridAnswer keptAnswer() {
    return answer;
  }

  private GridAnswer answer(Map.Entry<String, RecordCell> entry) {
    OwnerSide services = owner;
    if (services == null) {
      throw new IllegalStateException("a processor that was not initialised");
    }
    if (!backup && !services.isOpen()) {
      throw new RetryableHazelcastException("this member is about to start or to meet others");
    }
    String name = entry.getKey();
    RecordCell found = entry.getValue();
    // One that is carried out where it was made may be carried out there again.
    signed = null;
    nothing = false;
    if (found == null && services.isStored(name) && !installs()) {
      nothing = true;
      return new GridAnswer.NotLoaded();
    }
    RecordCell cell = found == null ? new RecordCell() : found;
    if (backup) {
      requireInStep(services, name, cell);
    } else {
      ownersMicros = services.micros();
      lifeBefore = cell.incarnation();
      versionBefore = cell.version();
    }
    cell.at(ownersMicros);
    Claims claims = services.claims();
    if (publishes(cell)) {
      if (!backup && claims.isMinority()) {
        nothing = true;
        return new GridAnswer.Refused();
      }
      if (!backup && claims.mayBeCutOff(name)) {
        throw new RetryableHazelcastException("this member may be cut off");
      }
      if (!backup && claims.isNeeded(cell, claim)) {
        Ownership ownership = claims.claim(cell);
        signed = ownership;
        cell.sign(ownership);
        services.signed(name, cell);
        entry.setValue(cell);
        return new GridAnswer.NotClaimed(claims.signature());
      }
      if (cell.version() == RecordSnapshot.MISSING) {
        claims.born(cell, backup && claim != null ? claim : claims.signature());
      }
    }
    GridAnswer done = process(services, name, cell);
    if (isReadOnly()) {
      return done;
    }
    if (!cell.isBlank() || (installs() && services.isStored(name))) {
      entry.setValue(cell);
    } else if (found != null) {
      entry.setValue(null);
    }
    return done;
  }

  /**
   * A backup that has missed a change must not carry out the next one: what it had then was never a
   * version of the record, but would pass for one if the owner were lost now. It does not say that
   * it has a copy either, and asks for a whole one.
   */
  private void requireInStep(OwnerSide services, String name, RecordCell cell) {
    if (versionBefore != RecordSnapshot.MISSING
        && (cell.version() != versionBefore || cell.incarnation() != lifeBefore)) {
      services.claims().askForCopy(name);
      throw new OutOfStepException(name);
    }
  }

  /** What this processor does to the cell, which it may change. */
  abstract GridAnswer process(OwnerSide services, String name, RecordCell cell);

  /** Whether it may publish something of the record. */
  boolean publishes(RecordCell cell) {
    return false;
  }

  /** Is sent again, now that the owner's signature is copied. */
  final void claimedBy(String owner) {
    claim = owner;
  }

  /** Whether it is sent again because nobody knows what became of it. */
  void repeat() {}

  /** Whether it brings what storage knows, so that a cell may be made where there is none. */
  boolean installs() {
    return false;
  }

  boolean isReadOnly() {
    return false;
  }

  /** After it has run on the owner: whether the backup has nothing to do. */
  boolean skipsBackup() {
    return isReadOnly();
  }

  final boolean isBackup() {
    return backup;
  }

  /** The same, to be run on the backup. */
  abstract CellProcessor copy();

  @Override
  public final @Nullable EntryProcessor<String, RecordCell, GridAnswer> getBackupProcessor() {
    if (nothing || (signed == null && skipsBackup())) {
      return null;
    }
    Ownership ownership = signed;
    OwnerSide services = owner;
    CellProcessor copy = ownership == null ? copy() : new ClaimProcessor(ownership);
    copy.claim = services == null ? null : services.claims().signature();
    copy.backup = true;
    copy.ownersMicros = ownersMicros;
    copy.lifeBefore = lifeBefore;
    copy.versionBefore = versionBefore;
    return copy;
  }

  @Override
  public final int getFactoryId() {
    return GridSerialization.FACTORY_ID;
  }

  @Override
  public void writeData(ObjectDataOutput out) throws IOException {
    out.writeBoolean(backup);
    out.writeString(claim);
    out.writeLong(ownersMicros);
    out.writeLong(lifeBefore);
    out.writeInt(versionBefore);
  }

  @Override
  public void readData(ObjectDataInput in) throws IOException {
    backup = in.readBoolean();
    claim = in.readString();
    ownersMicros = in.readLong();
    lifeBefore = in.readLong();
    versionBefore = in.readInt();
  }
}

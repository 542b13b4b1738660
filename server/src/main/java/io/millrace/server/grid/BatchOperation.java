package io.millrace.server.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import com.hazelcast.spi.impl.operationservice.BackupAwareOperation;
import com.hazelcast.spi.impl.operationservice.BackupOperation;
import com.hazelcast.spi.impl.operationservice.Operation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs one processor after the other on records of one partition, as one operation with one answer
 * and one backup. The grid's own operation for several keys copies to backups without waiting for
 * them, and so cannot be used for what is acknowledged (P4). Uses internals of Hazelcast.
 */
final class BatchOperation extends BatchItems implements BackupAwareOperation {
  static final int CLASS_ID = 30;

  private transient @Nullable Answers answers;
  private transient List<Item> forBackup = List.of();

  BatchOperation() {}

  BatchOperation(String map, List<Item> items) {
    super(map, items);
  }

  @Override
  protected void runInternal() {
    List<GridAnswer> given = new ArrayList<>(items.size());
    List<Item> copied = new ArrayList<>(items.size());
    RuntimeException failure = null;
    for (Item item : items) {
      if (failure != null) {
        given.add(failed(failure));
        continue;
      }
      CellProcessor processor = item.processor();
      try {
        operate(item);
      } catch (RuntimeException e) {
        if (given.isEmpty()) {
          throw e;
        }
        // Those before it are done: they have to be copied and answered.
        failure = e;
        given.add(failed(e));
        continue;
      }
      GridAnswer answer = processor.keptAnswer();
      given.add(answer == null ? new GridAnswer.Failed("no answer") : answer);
      if (processor.getBackupProcessor() instanceof CellProcessor backup) {
        copied.add(new Item(item.name(), backup));
      }
    }
    answers = new Answers(given);
    forBackup = copied;
  }

  private static GridAnswer failed(RuntimeException failure) {
    return new GridAnswer.Failed(String.valueOf(failure.getMessage()));
  }

  @Override
  public @Nullable Object getResponse() {
    return answers;
  }

  @Override
  public boolean shouldBackup() {
    return mapContainer.getTotalBackupCount() > 0 && !forBackup.isEmpty();
  }

  @Override
  public int getSyncBackupCount() {
    return mapContainer.getBackupCount();
  }

  @Override
  public int getAsyncBackupCount() {
    return mapContainer.getAsyncBackupCount();
  }

  @Override
  public Operation getBackupOperation() {
    return new Backup(getName(), forBackup);
  }

  @Override
  public int getClassId() {
    return CLASS_ID;
  }

  /** The same on a backup. */
  static final class Backup extends BatchItems implements BackupOperation {
    static final int CLASS_ID = 31;

    Backup() {}

    Backup(String map, List<Item> items) {
      super(map, items);
    }

    /** One record that is out of step does not keep the others from staying in it. */
    @Override
    protected void runInternal() {
      RuntimeException failure = null;
      for (Item item : items) {
        try {
          operate(item);
        } catch (RuntimeException e) {
          failure = e;
        }
      }
      if (failure != null) {
        throw failure;
      }
    }

    @Override
    public Object getResponse() {
      return true;
    }

    @Override
    public int getClassId() {
      return CLASS_ID;
    }
  }

  /** What the processors answered, in their order. */
  static final class Answers implements IdentifiedDataSerializable {
    static final int CLASS_ID = 32;
    private static final AnswerSerializer SERIALIZER = new AnswerSerializer();

    private List<GridAnswer> all = List.of();

    Answers() {}

    Answers(List<GridAnswer> all) {
      this.all = all;
    }

    List<GridAnswer> all() {
      return all;
    }

    @Override
    public int getFactoryId() {
      return GridSerialization.FACTORY_ID;
    }

    @Override
    public int getClassId() {
      return CLASS_ID;
    }

    @Override
    public void writeData(ObjectDataOutput out) throws IOException {
      out.writeInt(all.size());
      for (GridAnswer each : all) {
        SERIALIZER.write(out, each);
      }
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
      int size = in.readInt();
      all = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        all.add(SERIALIZER.read(in));
      }
    }
  }
}

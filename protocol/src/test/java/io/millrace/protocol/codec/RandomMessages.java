package io.millrace.protocol.codec;

import io.millrace.protocol.Action;
import io.millrace.protocol.ClientMessage;
import io.millrace.protocol.RecordAction;
import io.millrace.protocol.RecordRequest;
import io.millrace.protocol.ServerMessage;
import io.millrace.protocol.WriteAckRequest;
import io.millrace.protocol.value.JsonText;
import io.millrace.protocol.value.RecordName;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes messages of any kind: finds the kinds below a sealed root and fills their records. */
final class RandomMessages {
  private static final int[] NUMBERS = {
    0, 1, -1, 127, 128, 300, 1 << 21, Integer.MAX_VALUE, Integer.MIN_VALUE
  };
  private static final String LETTERS = "ab/.:é✓\u0000\uFFFD\u0800";

  private final Random random;

  RandomMessages(Random random) {
    this.random = random;
  }

  /** All records below a sealed interface. */
  static Set<Class<?>> kinds(Class<?> root) {
    return leaves(root).collect(Collectors.toSet());
  }

  private static Stream<Class<?>> leaves(Class<?> type) {
    return type.isRecord()
        ? Stream.of(type)
        : Arrays.stream(type.getPermittedSubclasses()).flatMap(RandomMessages::leaves);
  }

  /** The actions that messages of {@code kind} can be given; empty if they have just one. */
  static List<Action> actions(Class<?> kind) {
    for (RecordComponent component : kind.getRecordComponents()) {
      if (component.getName().equals("action")) {
        return List.of((Action[]) component.getType().getEnumConstants());
      }
    }
    return List.of();
  }

  ClientMessage client(Class<?> kind, @Nullable Action action) {
    ClientMessage message = (ClientMessage) make(kind, action);
    if (message instanceof RecordRequest.Patch patch && patch.action() == RecordAction.ERASE) {
      return new RecordRequest.Patch(
          patch.action(), patch.name(), patch.version(), patch.path(), null, patch.ack());
    }
    return message;
  }

  ServerMessage server(Class<?> kind, @Nullable Action action) {
    return (ServerMessage) make(kind, action);
  }

  private Object make(Class<?> kind, @Nullable Action action) {
    RecordComponent[] components = kind.getRecordComponents();
    @Nullable Object[] values = new Object[components.length];
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      values[i] = components[i].getName().equals("action") ? action : component(components[i]);
    }
    try {
      return kind.getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make " + kind, e);
    }
  }

  private @Nullable Object component(RecordComponent component) {
    boolean isNullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    return isNullable && random.nextInt(3) == 0 ? null : value(component);
  }

  private Object value(RecordComponent component) {
    Class<?> type = component.getType();
    if (type == String.class) {
      return text();
    } else if (type == JsonText.class) {
      return new JsonText(random.nextInt(5) == 0 ? "" : text());
    } else if (type == RecordName.class) {
      return new RecordName(text());
    } else if (type == WriteAckRequest.class) {
      return new WriteAckRequest(random.nextBoolean(), random.nextBoolean() ? text() : null);
    } else if (type == int.class || type == Integer.class) {
      return NUMBERS[random.nextInt(NUMBERS.length)];
    } else if (type == boolean.class) {
      return random.nextBoolean();
    } else if (type == Map.class) {
      Map<String, Integer> map = new LinkedHashMap<>();
      texts().forEach(text -> map.put(text, NUMBERS[random.nextInt(NUMBERS.length)]));
      return map;
    } else if (type == List.class) {
      boolean ofNames = component.getGenericType().getTypeName().contains("RecordName");
      return ofNames ? texts().stream().map(RecordName::new).toList() : texts();
    } else if (type.isEnum()) {
      return type.getEnumConstants()[random.nextInt(type.getEnumConstants().length)];
    }
    throw new IllegalStateException("no way to fill " + component);
  }

  private List<String> texts() {
    return new ArrayList<>(IntStream.range(0, random.nextInt(4)).mapToObj(i -> text()).toList());
  }

  private String text() {
    int length = random.nextInt(8) == 0 ? 200 : 1 + random.nextInt(6);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return random.nextInt(4) == 0 ? text.append("😀").toString() : text.toString();
  }
}

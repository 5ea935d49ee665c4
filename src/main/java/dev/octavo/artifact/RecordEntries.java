package dev.octavo.artifact;

import dev.octavo.OctavoException.InvalidSetting;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;

/**
 * Records as entries of a manifest, and back: a component's name is its key, so that who writes a
 * manifest and who reads it can't differ. Components of a record within are named as in {@code
 * preprocessing.cropSize}, unless it is {@link Unwrapped}; constants of enums as on the command
 * line, as in {@code step-decay}; what is empty has no entry. A component whose type is a sealed
 * interface of records has one more entry that says which of them it is, as in {@code source.kind}.
 */
public final class RecordEntries {
  private static final String KIND = ".kind";
  private static final Set<String> NOT_FINITE = Set.of("NaN", "Infinity", "-Infinity");

  private RecordEntries() {}

  /** The entries of a record, by key. */
  public static Map<String, Object> of(Record values) {
    Map<String, Object> entries = new TreeMap<>();
    put(entries, "", values);
    return entries;
  }

  private static void put(Map<String, Object> entries, String prefix, Record values) {
    for (RecordComponent component : values.getClass().getRecordComponents()) {
      String key = prefix + component.getName();
      Object value = value(values, component);
      if (value instanceof Optional<?> optional) {
        value = optional.orElse(null);
      }
      if (value instanceof Record within) {
        if (component.getType().isSealed()) {
          entries.put(key + KIND, kind(within.getClass()));
        }
        put(entries, within(component, key, prefix), within);
      } else if (value != null) {
        entries.put(key, entry(value));
      }
    }
  }

  /** The prefix of the keys of a record within. */
  private static String within(RecordComponent component, String key, String prefix) {
    return component.isAnnotationPresent(Unwrapped.class) ? prefix : key + ".";
  }

  private static Object value(Record values, RecordComponent component) {
    try {
      var accessor = component.getAccessor();
      accessor.setAccessible(true);
      return accessor.invoke(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object entry(Object value) {
    if (value instanceof Enum<?> constant) {
      return id(constant);
    }
    if (value instanceof Path path) {
      return path.toString();
    }
    return value instanceof Collection<?> list
        ? list.stream().map(RecordEntries::entry).toList()
        : value;
  }

  /** The name of a record among those of its interface, as in {@code path-list}. */
  private static String kind(Class<?> type) {
    return type.getSimpleName().replaceAll("(?<=.)(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }

  /** The name of an enum's constant, as in {@code step-decay}. */
  public static String id(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The record that was written as these entries; others are left alone.
   *
   * @throws dev.octavo.OctavoException if an entry is missing, of another type, or refused by the
   *     record
   */
  public static <R extends Record> R read(Class<R> type, Entries entries) {
    return read(type, entries, "");
  }

  /**
   * The same, or empty if no component has an entry.
   *
   * @throws dev.octavo.OctavoException as {@link #read(Class, Entries)}
   */
  public static <R extends Record> Optional<R> readIfAny(Class<R> type, Entries entries) {
    return any(type, entries, "") ? Optional.of(read(type, entries)) : Optional.empty();
  }

  private static boolean any(Type type, Entries entries, String prefix) {
    return Arrays.stream(((Class<?>) type).getRecordComponents())
        .map(component -> prefix + component.getName())
        .anyMatch(
            key ->
                entries.values().keySet().stream()
                    .anyMatch(k -> k.equals(key) || k.startsWith(key + ".")));
  }

  private static <R extends Record> R read(Class<R> type, Entries entries, String prefix) {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    Object[] values =
        Arrays.stream(components)
            .map(
                c ->
                    c.isAnnotationPresent(Unwrapped.class)
                        ? unwrapped(c.getGenericType(), entries, prefix)
                        : value(c.getGenericType(), entries, prefix + c.getName()))
            .toArray();
    try {
      Constructor<R> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof InvalidSetting wrong) {
        throw entries.wrong(prefix + wrong.property(), wrong.rule());
      }
      throw new IllegalStateException(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object unwrapped(Type type, Entries entries, String prefix) {
    if (type instanceof ParameterizedType optional) {
      Type of = optional.getActualTypeArguments()[0];
      return any(of, entries, prefix)
          ? Optional.of(unwrapped(of, entries, prefix))
          : Optional.empty();
    }
    return read(((Class<?>) type).asSubclass(Record.class), entries, prefix);
  }

  private static Object value(Type type, Entries entries, String key) {
    if (type instanceof ParameterizedType generic) {
      Type of = generic.getActualTypeArguments()[0];
      if (generic.getRawType() == Optional.class) {
        return optional(of, entries, key);
      }
      return generic.getRawType() == Map.class
          ? map((Class<?>) generic.getActualTypeArguments()[1], entries, key)
          : list((Class<?>) of, entries, key);
    }
    Class<?> wanted = (Class<?>) type;
    if (wanted.isInterface() && wanted.isSealed()) {
      wanted = kindOf(wanted, entries, key + KIND);
    }
    if (wanted.isRecord()) {
      return read(wanted.asSubclass(Record.class), entries, key + ".");
    }
    return scalar(wanted, entries.values().get(key), entries, key);
  }

  private static Class<?> kindOf(Class<?> sum, Entries entries, String key) {
    Map<String, Class<?>> kinds = new TreeMap<>();
    for (Class<?> type : sum.getPermittedSubclasses()) {
      kinds.put(kind(type), type);
    }
    return kinds.get(entries.word(key, List.copyOf(kinds.keySet())));
  }

  private static Optional<?> optional(Type of, Entries entries, String key) {
    boolean present =
        entries.values().containsKey(key)
            || entries.values().keySet().stream().anyMatch(k -> k.startsWith(key + "."));
    return present ? Optional.of(value(of, entries, key)) : Optional.empty();
  }

  private static List<?> list(Class<?> of, Entries entries, String key) {
    if (!(entries.values().get(key) instanceof List<?> list)) {
      throw entries.wrong(key, "a list");
    }
    List<Object> values = new ArrayList<>(list.size());
    list.forEach(value -> values.add(scalar(of, value, entries, key)));
    return values;
  }

  private static Map<String, ?> map(Class<?> of, Entries entries, String key) {
    if (!(entries.values().get(key) instanceof Map<?, ?> map)) {
      throw entries.wrong(key, "an object");
    }
    Map<String, Object> values = new TreeMap<>();
    map.forEach((name, value) -> values.put((String) name, scalar(of, value, entries, key)));
    return values;
  }

  private static Object scalar(Class<?> type, Object value, Entries entries, String key) {
    if (type == int.class || type == Integer.class) {
      if (value instanceof Integer) {
        return value;
      }
      throw entries.wrong(key, "a whole number below 2^31");
    }
    if (type == long.class || type == Long.class) {
      if (value instanceof Integer || value instanceof Long) {
        return ((Number) value).longValue();
      }
      throw entries.wrong(key, "a whole number below 2^63");
    }
    if (type == double.class || type == Double.class) {
      return number(value, entries, key);
    }
    if (type == boolean.class) {
      if (value instanceof Boolean) {
        return value;
      }
      throw entries.wrong(key, "true or false");
    }
    if (type == String.class) {
      if (value instanceof String) {
        return value;
      }
      throw entries.wrong(key, "a text");
    }
    if (type == Path.class) {
      return path(value, entries, key);
    }
    if (type.isEnum()) {
      return constant(type, value, entries, key);
    }
    throw new IllegalArgumentException("a manifest has no entries of " + type);
  }

  private static double number(Object value, Entries entries, String key) {
    boolean any = entries.numbers() == Entries.Numbers.ANY;
    if (value instanceof Number number && (any || Double.isFinite(number.doubleValue()))) {
      return number.doubleValue();
    }
    if (any && value instanceof String text && NOT_FINITE.contains(text)) {
      return Double.parseDouble(text);
    }
    throw entries.wrong(key, "a number");
  }

  private static Path path(Object value, Entries entries, String key) {
    if (value instanceof String text && !text.isEmpty()) {
      try {
        return new Path(text);
      } catch (IllegalArgumentException e) {
        // As where nothing is left of a name: the same rule.
      }
    }
    throw entries.wrong(key, "a path");
  }

  private static Object constant(Class<?> type, Object value, Entries entries, String key) {
    List<String> ids = new ArrayList<>();
    for (Object constant : type.getEnumConstants()) {
      String id = id((Enum<?>) constant);
      if (id.equals(value)) {
        return constant;
      }
      ids.add(id);
    }
    throw entries.wrong(key, "one of " + String.join(", ", ids));
  }
}

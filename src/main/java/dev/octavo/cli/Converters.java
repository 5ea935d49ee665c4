package dev.octavo.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Checked number types of options, as in {@code @Option(converter = PositiveInt.class)}. */
final class Converters {
  private Converters() {}

  /** A whole number of at least 1. */
  static final class PositiveInt implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      return (int) whole(value, 1, Integer.MAX_VALUE);
    }
  }

  /** A whole number of at least 0. */
  static final class NonNegativeInt implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      return (int) whole(value, 0, Integer.MAX_VALUE);
    }
  }

  /** A whole number of at least 1, such as a limit in bytes. */
  static final class PositiveLong implements ITypeConverter<Long> {
    @Override
    public Long convert(String value) {
      return whole(value, 1, Long.MAX_VALUE);
    }
  }

  /** A number of at least 0. */
  static final class NonNegativeDouble implements ITypeConverter<Double> {
    @Override
    public Double convert(String value) {
      return real(value, 0, Double.MAX_VALUE, "a number of at least 0");
    }
  }

  /** A number above 0. */
  static final class PositiveDouble implements ITypeConverter<Double> {
    @Override
    public Double convert(String value) {
      return real(value, Double.MIN_VALUE, Double.MAX_VALUE, "a number above 0");
    }
  }

  /** A number from 0 to 1. */
  static final class Fraction implements ITypeConverter<Double> {
    @Override
    public Double convert(String value) {
      return real(value, 0, 1, "a number from 0 to 1");
    }
  }

  /** A constant of an enum by its name, in any case and with hyphens: {@code one-cycle}. */
  static final class Constant implements ITypeConverter<Object> {
    private final Map<String, Object> constants = new LinkedHashMap<>();

    Constant(Class<?> type) {
      for (Object constant : type.getEnumConstants()) {
        constants.put(kebab(((Enum<?>) constant).name()), constant);
      }
    }

    /** The names, in the order of the constants. */
    Set<String> names() {
      return constants.keySet();
    }

    @Override
    public Object convert(String value) {
      Object constant = constants.get(kebab(value));
      if (constant == null) {
        throw new TypeConversionException(
            "'%s' is none of %s".formatted(value, String.join(", ", constants.keySet())));
      }
      return constant;
    }

    private static String kebab(String name) {
      return name.toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private static long whole(String value, long least, long most) {
    try {
      long number = Long.parseLong(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below, in the same words as for a number that is out of range.
    }
    throw new TypeConversionException(
        "'%s' is not a whole number from %d to %d".formatted(value, least, most));
  }

  private static double real(String value, double least, double most, String what) {
    try {
      double number = Double.parseDouble(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // As above.
    }
    throw new TypeConversionException("'%s' is not %s".formatted(value, what));
  }
}

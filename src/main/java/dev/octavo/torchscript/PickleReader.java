package dev.octavo.torchscript;

import dev.octavo.tensor.MalformedFileException;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The pickle machine, restricted to data: it makes dicts ({@link Map}), lists and tuples ({@link
 * List}), numbers ({@link Long}, {@link BigInteger}, {@link Double}, {@link Boolean}), strings,
 * None ({@code null}), and descriptions of tensors and TorchScript objects. It calls nothing and
 * loads no class; {@link PickleGlobals} lists what may be named.
 *
 * <p>Work and memory are bounded: a length that is claimed is compared with the bytes that are left
 * before anything is allocated, and at most {@link #MAX_OPCODES} opcodes are carried out. Values
 * may contain themselves or each other (the memo makes it possible), so nothing here compares,
 * hashes or prints a container.
 */
final class PickleReader {
  private static final int HIGHEST_PROTOCOL = 5;
  private static final int MAX_GLOBAL_LENGTH = 1024;

  /**
   * Each makes one value at most, which bounds the heap to some 100 MB. The state of a ResNet-152
   * and of its optimizer takes some 150,000.
   */
  static final int MAX_OPCODES = 1_000_000;

  /**
   * The content of a pickle.
   *
   * @param value the object
   * @param storages those that its tensors name, by key
   */
  record Content(Object value, Map<String, StorageRef> storages) {}

  private final ByteBuffer in;
  private final Map<String, StorageRef> storages = new LinkedHashMap<>();
  private int opcodes;
  private final List<Object> stack = new ArrayList<>();
  private final Deque<Integer> marks = new ArrayDeque<>();
  private final Map<Long, Object> memo = new HashMap<>();

  private PickleReader(ByteBuffer in) {
    this.in = in;
  }

  /**
   * The value that a pickle holds.
   *
   * @throws MalformedFileException if it is truncated or malformed, or wants more than data
   */
  static Object read(byte[] pickle) {
    return read(ByteBuffer.wrap(pickle)).value();
  }

  /** Reads the pickle at a buffer's position, which is afterwards behind the pickle. */
  static Content read(ByteBuffer pickle) {
    PickleReader reader = new PickleReader(pickle.order(ByteOrder.LITTLE_ENDIAN));
    try {
      return new Content(reader.run(), reader.storages);
    } catch (BufferUnderflowException e) {
      throw new MalformedFileException("the pickle is truncated", e);
    }
  }

  private Object run() {
    if (unsignedByte() != Opcode.PROTO) {
      throw new MalformedFileException("the pickle's protocol is older than 2");
    }
    in.position(in.position() - 1);
    while (true) {
      int opcode = unsignedByte();
      if (opcode == Opcode.STOP) {
        return pop();
      }
      execute(opcode);
    }
  }

  private void execute(int opcode) {
    if (++opcodes > MAX_OPCODES) {
      throw new MalformedFileException(
          "the pickle has more than %,d opcodes, which no file of weights needs: refused; save the weights alone, with torch.save(model.state_dict(), file)"
              .formatted(MAX_OPCODES));
    }
    switch (opcode) {
      case Opcode.PROTO -> checkProtocol(unsignedByte());
      case Opcode.FRAME -> in.getLong(); // a hint for readers of streams
      case Opcode.NONE -> stack.add(null);
      case Opcode.NEWTRUE -> stack.add(true);
      case Opcode.NEWFALSE -> stack.add(false);
      case Opcode.BININT -> stack.add((long) in.getInt());
      case Opcode.BININT1 -> stack.add((long) unsignedByte());
      case Opcode.BININT2 -> stack.add((long) Short.toUnsignedInt(in.getShort()));
      case Opcode.LONG1 -> stack.add(bigInteger(bytes(unsignedByte())));
      case Opcode.BINFLOAT -> stack.add(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
      case Opcode.BINUNICODE -> stack.add(utf8(bytes(Integer.toUnsignedLong(in.getInt()))));
      case Opcode.SHORT_BINUNICODE -> stack.add(utf8(bytes(unsignedByte())));
      case Opcode.BINSTRING -> stack.add(latin1(bytes(Integer.toUnsignedLong(in.getInt()))));
      case Opcode.SHORT_BINSTRING -> stack.add(latin1(bytes(unsignedByte())));
      case Opcode.EMPTY_DICT -> stack.add(new LinkedHashMap<Object, Object>());
      case Opcode.EMPTY_LIST, Opcode.EMPTY_TUPLE -> stack.add(new ArrayList<>());
      case Opcode.MARK -> marks.push(stack.size());
      case Opcode.POP -> pop();
      case Opcode.POP_MARK -> popMark();
      case Opcode.DUP -> stack.add(top());
      case Opcode.TUPLE -> stack.add(popMark());
      case Opcode.TUPLE1 -> stack.add(pop(1));
      case Opcode.TUPLE2 -> stack.add(pop(2));
      case Opcode.TUPLE3 -> stack.add(pop(3));
      case Opcode.APPEND -> append(pop(1));
      case Opcode.APPENDS -> append(popMark());
      case Opcode.SETITEM -> setItems(pop(2));
      case Opcode.SETITEMS -> setItems(popMark());
      case Opcode.BINPUT -> memo.put((long) unsignedByte(), top());
      case Opcode.LONG_BINPUT -> memo.put(Integer.toUnsignedLong(in.getInt()), top());
      case Opcode.MEMOIZE -> memo.put((long) memo.size(), top());
      case Opcode.BINGET -> stack.add(recall(unsignedByte()));
      case Opcode.LONG_BINGET -> stack.add(recall(Integer.toUnsignedLong(in.getInt())));
      case Opcode.GLOBAL -> stack.add(PickleGlobals.resolve(line(), line()));
      case Opcode.STACK_GLOBAL -> stackGlobal();
      case Opcode.REDUCE -> reduce();
      case Opcode.NEWOBJ -> newObject();
      case Opcode.BUILD -> build();
      case Opcode.BINPERSID -> stack.add(storage(pop()));
      default ->
          throw new MalformedFileException(
              "the pickle has opcode 0x%02x at byte %d, which no file of tensors needs: refused"
                  .formatted(opcode, in.position() - 1));
    }
  }

  private static void checkProtocol(int protocol) {
    if (protocol < 2 || protocol > HIGHEST_PROTOCOL) {
      throw new MalformedFileException(
          "pickle protocol %d is not supported (2 to %d are)"
              .formatted(protocol, HIGHEST_PROTOCOL));
    }
  }

  private int unsignedByte() {
    return Byte.toUnsignedInt(in.get());
  }

  private byte[] bytes(long length) {
    if (length > in.remaining()) {
      throw new MalformedFileException(
          "the pickle claims a value of %d bytes, but only %d are left (truncated?)"
              .formatted(length, in.remaining()));
    }
    byte[] out = new byte[(int) length];
    in.get(out);
    return out;
  }

  private static String utf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedFileException("the pickle has a string that is not UTF-8", e);
    }
  }

  /** A {@code str} of Python 2: bytes. */
  private static String latin1(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private Object storage(Object persistentId) {
    PickleGlobals.StorageView view = PickleGlobals.storage(persistentId);
    StorageRef storage = view.storage();
    StorageRef before = storages.putIfAbsent(storage.key(), storage);
    if (before != null && !before.equals(storage)) {
      throw new MalformedFileException(
          "storage '%s' is of two types or sizes".formatted(storage.key()));
    }
    return view;
  }

  private static Object bigInteger(byte[] littleEndian) {
    if (littleEndian.length == 0) {
      return 0L;
    }
    byte[] bigEndian = new byte[littleEndian.length];
    for (int i = 0; i < bigEndian.length; i++) {
      bigEndian[i] = littleEndian[bigEndian.length - 1 - i];
    }
    BigInteger value = new BigInteger(bigEndian);
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  private String line() {
    int start = in.position();
    while (in.get() != '\n') {
      if (in.position() - start > MAX_GLOBAL_LENGTH) {
        throw new MalformedFileException("the pickle names a global of unreasonable length");
      }
    }
    byte[] bytes = new byte[in.position() - 1 - start];
    in.get(start, bytes);
    return utf8(bytes);
  }

  /** The stack's height below which the current frame must not reach. */
  private int floor() {
    return marks.isEmpty() ? 0 : marks.peek();
  }

  private Object top() {
    requireOnStack(1);
    return stack.get(stack.size() - 1);
  }

  private Object pop() {
    requireOnStack(1);
    return stack.remove(stack.size() - 1);
  }

  private List<Object> pop(int n) {
    requireOnStack(n);
    return cut(stack.size() - n);
  }

  private List<Object> popMark() {
    if (marks.isEmpty()) {
      throw new MalformedFileException("the pickle is malformed: a mark is missing");
    }
    return cut(marks.pop());
  }

  private List<Object> cut(int from) {
    List<Object> tail = stack.subList(from, stack.size());
    List<Object> values = new ArrayList<>(tail);
    tail.clear();
    return values;
  }

  private void requireOnStack(int n) {
    if (stack.size() - floor() < n) {
      throw new MalformedFileException("the pickle is malformed: its stack is empty");
    }
  }

  private Object recall(long key) {
    Object value = memo.get(key);
    if (value == null) {
      throw new MalformedFileException(
          "the pickle is malformed: it recalls value %d, which it never stored".formatted(key));
    }
    return value;
  }

  @SuppressWarnings("unchecked") // every List on the stack is an ArrayList<Object> made here
  private void append(List<Object> values) {
    if (!(top() instanceof List<?> list)) {
      throw new MalformedFileException("the pickle appends to what is not a list");
    }
    ((List<Object>) list).addAll(values);
  }

  @SuppressWarnings("unchecked") // every Map on the stack is a LinkedHashMap<Object, Object>
  private void setItems(List<Object> keysAndValues) {
    if (!(top() instanceof Map<?, ?> map) || keysAndValues.size() % 2 != 0) {
      throw new MalformedFileException("the pickle sets items of what is not a dict");
    }
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      Object key = keysAndValues.get(i);
      if (!(key == null
          || key instanceof String
          || key instanceof Number
          || key instanceof Boolean)) {
        throw new MalformedFileException("a dict's key is neither a string nor a number");
      }
      if (map.containsKey(key)) {
        throw new MalformedFileException("a dict has the key '%s' twice".formatted(key));
      }
      ((Map<Object, Object>) map).put(key, keysAndValues.get(i + 1));
    }
  }

  private void stackGlobal() {
    List<Object> names = pop(2);
    if (!(names.get(0) instanceof String module && names.get(1) instanceof String name)) {
      throw new MalformedFileException("the pickle names a global by what is not a string");
    }
    stack.add(PickleGlobals.resolve(module, name));
  }

  private void reduce() {
    List<Object> call = pop(2);
    if (!(call.get(0) instanceof PickleGlobals.Function function
        && call.get(1) instanceof List<?> arguments)) {
      throw new MalformedFileException("the pickle calls what is not a function: refused");
    }
    stack.add(PickleGlobals.call(function, arguments));
  }

  private void newObject() {
    List<Object> call = pop(2);
    if (!(call.get(0) instanceof PickleGlobals.ScriptType type
        && call.get(1) instanceof List<?> arguments
        && arguments.isEmpty())) {
      throw new MalformedFileException(
          "the pickle makes an object that is not a TorchScript module");
    }
    stack.add(new ScriptObject(type.name()));
  }

  private void build() {
    Object state = pop();
    if (top() instanceof ScriptObject object) {
      object.build(state);
    } else if (!(top() instanceof Map && state instanceof Map)
        && !(top() instanceof TensorRef && state instanceof List)) {
      // An OrderedDict's own attributes (_metadata: versions of modules) carry no tensors, nor does
      // what PyTorch's first versions say of a parameter (whether it takes gradients, hooks).
      throw new MalformedFileException("the pickle sets the state of what has none: refused");
    }
  }
}

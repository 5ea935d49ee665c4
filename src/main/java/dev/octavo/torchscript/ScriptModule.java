package dev.octavo.torchscript;

import dev.octavo.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A TorchScript object in the making: its class's source and its attributes.
 *
 * <p>Attributes are parameters, buffers or plain tensors, lists of tensors, and submodules. A
 * module with {@linkplain #packed a state} gets its attributes from {@code __setstate__} when the
 * archive is loaded instead.
 */
public final class ScriptModule {
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Pattern NO_WORD = Pattern.compile("[^A-Za-z0-9_]");

  private final String className;
  private final Map<String, Object> attributes = new LinkedHashMap<>();
  private final Set<String> parameters = new LinkedHashSet<>();
  private final Set<String> buffers = new LinkedHashSet<>();
  private final Map<String, String> packedAttributes = new LinkedHashMap<>();
  private final List<String> methods = new ArrayList<>();
  private List<Tensor> state = List.of();

  public ScriptModule(String className) {
    this.className = className;
    attributes.put("training", false);
  }

  /**
   * Adds a parameter under a dotted name, making the modules on the way: {@code
   * layer1.0.conv1.weight}.
   */
  public void parameter(String dotted, Tensor tensor) {
    ScriptModule owner = owner(dotted);
    owner.parameters.add(last(dotted));
    owner.attributes.put(last(dotted), tensor);
  }

  /** Adds a buffer under a dotted name, making the modules on the way. */
  public void buffer(String dotted, Tensor tensor) {
    ScriptModule owner = owner(dotted);
    owner.buffers.add(last(dotted));
    owner.attributes.put(last(dotted), tensor);
  }

  /** Adds a list of tensors that is empty at first, under a plain name. */
  public void tensorList(String name) {
    attributes.put(name, List.of());
  }

  /** Adds a submodule under a plain name. */
  public void submodule(String name, ScriptModule module) {
    attributes.put(name, module);
  }

  /** Adds a method's source, indented by two. */
  public void method(String source) {
    methods.add(source);
  }

  /**
   * Makes this a module that packs its tensors when it is loaded.
   *
   * @param tensors what the file keeps
   * @param names the attributes that {@code body} sets, all tensors
   * @param body source of {@code __setstate__}, in which {@code state} is the tuple of {@code
   *     tensors}
   */
  public void packed(List<Tensor> tensors, List<String> names, List<String> body) {
    Map<String, String> types = new LinkedHashMap<>();
    names.forEach(name -> types.put(name, "Tensor"));
    packed(tensors, types, body);
  }

  /**
   * Makes this a module that packs its tensors when it is loaded.
   *
   * @param types of the attributes that {@code body} sets, by name
   */
  public void packed(List<Tensor> tensors, Map<String, String> types, List<String> body) {
    state = List.copyOf(tensors);
    packedAttributes.putAll(types);
    String type = "Tuple[" + String.join(", ", state.stream().map(t -> "Tensor").toList()) + "]";
    method(
        """
          def __getstate__(self: __torch__.%1$s) -> %2$s:
            _0 = uninitialized(%2$s)
            ops.prim.RaiseException("this program keeps packed weights only: write it again from its bundle")
            return _0
          def __setstate__(self: __torch__.%1$s, state: %2$s) -> NoneType:
            self.training = False
        %3$s
            return None
        """
            .formatted(className, type, indent(body)));
  }

  public String className() {
    return className;
  }

  Map<String, Object> attributes() {
    return attributes;
  }

  List<Tensor> state() {
    return state;
  }

  boolean isParameter(String name) {
    return parameters.contains(name);
  }

  /** The expression that reads a dotted attribute of {@code self}: numbers need {@code getattr}. */
  public static String read(String dotted) {
    String expression = "self";
    for (String part : dotted.split("\\.", -1)) {
      expression =
          IDENTIFIER.matcher(part).matches()
              ? expression + "." + part
              : "getattr(%s, \"%s\")".formatted(expression, part);
    }
    return expression;
  }

  /** A dotted name as one identifier. */
  public static String identifier(String dotted) {
    return NO_WORD.matcher(dotted).replaceAll("_");
  }

  /** Joins lines of a method's body, indented by four. */
  public static String indent(List<String> lines) {
    return String.join("\n", lines.stream().map(line -> "    " + line).toList());
  }

  /** The sources of this class and of those of its submodules. */
  void appendSources(Map<String, String> sources) {
    for (Object value : attributes.values()) {
      if (value instanceof ScriptModule module) {
        module.appendSources(sources);
      }
    }
    String previous = sources.put(className, source());
    if (previous != null && !previous.equals(source())) {
      throw new IllegalStateException("two different classes are named " + className);
    }
  }

  private String source() {
    StringBuilder text = new StringBuilder("class " + className + "(Module):\n");
    text.append("  __parameters__ = ").append(quoted(parameters)).append('\n');
    text.append("  __buffers__ = ").append(quoted(buffers)).append('\n');
    attributes.forEach(
        (name, value) -> {
          String type = type(value);
          text.append(
              IDENTIFIER.matcher(name).matches()
                  ? "  %s : %s%n".formatted(name, type)
                  : "  __annotations__[\"%s\"] = %s%n".formatted(name, type));
        });
    packedAttributes.forEach((name, type) -> text.append("  %s : %s%n".formatted(name, type)));
    methods.forEach(text::append);
    return text.toString().replace("\r\n", "\n");
  }

  private static String type(Object value) {
    if (value instanceof ScriptModule module) {
      return "__torch__." + module.className;
    }
    if (value instanceof List) {
      return "List[Tensor]";
    }
    return value instanceof Boolean ? "bool" : "Tensor";
  }

  private static String quoted(Set<String> names) {
    return "[" + String.join("", names.stream().map(n -> "\"" + n + "\", ").toList()) + "]";
  }

  private ScriptModule owner(String dotted) {
    ScriptModule module = this;
    String path = "";
    String[] parts = dotted.split("\\.", -1);
    for (int i = 0; i < parts.length - 1; i++) {
      path += "_" + identifier(parts[i]);
      String name = "Module" + path;
      module =
          (ScriptModule) module.attributes.computeIfAbsent(parts[i], p -> new ScriptModule(name));
    }
    return module;
  }

  private static String last(String dotted) {
    return dotted.substring(dotted.lastIndexOf('.') + 1);
  }
}

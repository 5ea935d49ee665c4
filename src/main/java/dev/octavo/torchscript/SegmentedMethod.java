package dev.octavo.torchscript;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Straight-line source that is cut into several methods, because TorchScript can't call back in the
 * middle of one. Values that cross a cut travel in the module's attribute {@code tape}, a list of
 * tensors: the piece that computes one puts it there, and the last piece that reads it takes it
 * out, so that no tensor lives longer than in an uncut method.
 *
 * <p>Every value is given its name once ({@link #let}).
 */
public final class SegmentedMethod {
  /** The attribute that a module with such methods must have. */
  public static final String TAPE = "tape";

  private static final Pattern WORD = Pattern.compile("\\w+");

  private final List<List<String>> bodies = new ArrayList<>();
  private final List<String> results = new ArrayList<>();
  private final Map<String, Integer> definedIn = new LinkedHashMap<>();
  private final Map<String, Integer> lastUsedIn = new LinkedHashMap<>();

  /**
   * Source that starts with the given values.
   *
   * @param inputs tensors that the first piece takes
   */
  public SegmentedMethod(List<String> inputs) {
    bodies.add(new ArrayList<>());
    inputs.forEach(name -> definedIn.put(name, 0));
  }

  /** Names the value of an expression; returns the name. */
  public String let(String name, String expression) {
    let(List.of(name), name, expression);
    return name;
  }

  /** Names the values of an expression that gives a tuple. */
  public void let(List<String> names, String expression) {
    let(names, String.join(", ", names) + ", ", expression);
  }

  private void let(List<String> names, String left, String expression) {
    use(expression);
    names.forEach(this::define);
    body().add(left + " = " + expression);
  }

  /** Adds lines that give values the given names. */
  public void lines(List<String> lines, List<String> names) {
    lines.forEach(this::use);
    names.forEach(this::define);
    body().addAll(lines);
  }

  private void define(String name) {
    if (definedIn.put(name, bodies.size() - 1) != null) {
      throw new IllegalStateException("two values are named " + name);
    }
  }

  /** Ends a piece with a result. The next piece, if there is one, takes a tensor {@code sums}. */
  public void end(String result) {
    use(result);
    results.add(result);
    bodies.add(new ArrayList<>());
  }

  private List<String> body() {
    return bodies.get(bodies.size() - 1);
  }

  private void use(String source) {
    Matcher words = WORD.matcher(source);
    while (words.find()) {
      if (definedIn.containsKey(words.group())) {
        lastUsedIn.put(words.group(), bodies.size() - 1);
      }
    }
  }

  /**
   * The methods {@code <name>_0(inputs...)}, {@code <name>_1(sums)} and so on.
   *
   * @param inputs the first one's parameters
   * @param finalType the last one's type; the others return a tensor
   */
  public List<String> methods(
      String className, String name, List<String> inputs, String finalType) {
    List<String> crossing =
        definedIn.keySet().stream()
            .filter(v -> lastUsedIn.getOrDefault(v, 0) > definedIn.get(v))
            .toList();
    List<String> methods = new ArrayList<>();
    for (int piece = 0; piece < results.size(); piece++) {
      List<String> parameters = piece == 0 ? inputs : List.of("sums");
      methods.add(
          """
            def %s_%d(self: __torch__.%s, %s) -> %s:
          %s
              return %s
          """
              .formatted(
                  name,
                  piece,
                  className,
                  parameters.stream().map(p -> p + ": Tensor").collect(Collectors.joining(", ")),
                  piece == results.size() - 1 ? finalType : "Tensor",
                  ScriptModule.indent(body(piece, crossing)),
                  results.get(piece)));
    }
    return methods;
  }

  private List<String> body(int piece, List<String> crossing) {
    List<String> body = new ArrayList<>(List.of("torch.set_grad_enabled(False)"));
    if (piece == 0) {
      body.add("self.%s = torch.mul([torch.empty([0])], %d)".formatted(TAPE, crossing.size()));
    }
    Set<String> used = usedIn(piece);
    for (int slot = 0; slot < crossing.size(); slot++) {
      String value = crossing.get(slot);
      if (definedIn.get(value) < piece && used.contains(value)) {
        body.add("%s = (self.%s)[%d]".formatted(value, TAPE, slot));
        if (lastUsedIn.get(value) == piece) {
          body.add(store(slot, "torch.empty([0])"));
        }
      }
    }
    body.addAll(bodies.get(piece));
    for (int slot = 0; slot < crossing.size(); slot++) {
      if (definedIn.get(crossing.get(slot)) == piece) {
        body.add(store(slot, crossing.get(slot)));
      }
    }
    return body;
  }

  private static String store(int slot, String value) {
    return "_0 = torch._set_item(self.%s, %d, %s)".formatted(TAPE, slot, value);
  }

  private Set<String> usedIn(int piece) {
    String source = String.join("\n", bodies.get(piece)) + "\n" + results.get(piece);
    return WORD.matcher(source).results().map(MatchResult::group).collect(Collectors.toSet());
  }
}

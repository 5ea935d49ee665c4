package dev.octavo.report;

import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.ParentRole;
import dev.octavo.artifact.Platform;
import dev.octavo.report.ReportInputs.Model;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The artifacts that a page was made from, in the order in which they were made.
 *
 * @param links the page last
 */
record ArtifactChain(List<Link> links) {
  private static final int SHORT_HASH = 12;
  private static final String HASH = "sha256:";

  /** The images and the page have no manifest and so no hash. */
  private static final String IMAGES = "images";

  private static final String PAGE = "this page";

  /**
   * One artifact.
   *
   * @param id of its manifest
   * @param name what it is
   * @param facts about its making; none where only its id is known
   * @param parents ids of what it was made from
   */
  record Link(String id, String name, List<String> facts, Set<String> parents) {}

  /** The chain of a page: images, datasets and models that are only known by id, models, runs. */
  static ArtifactChain of(ReportInputs inputs) {
    List<Link> links = new ArrayList<>();
    inputs
        .dataset()
        .ifPresent(
            dataset -> {
              String folder =
                  (dataset.settings().table().isPresent() ? "table " : "folder ")
                      + dataset.settings().images().getName();
              links.add(new Link(IMAGES, IMAGES, List.of(folder), Set.of()));
              links.add(
                  new Link(
                      dataset.manifest().id(),
                      "dataset",
                      facts(dataset.manifest()),
                      Set.of(IMAGES)));
            });
    Set<String> own = new TreeSet<>();
    for (Model model : inputs.models()) {
      inputs.run().modelId(model.metrics().name()).ifPresent(own::add);
    }
    for (Model model : inputs.models()) {
      earlier(model.manifest().map(Manifest::parents).orElse(Map.of()), own, links);
    }
    inputs.runs().forEach(run -> earlier(run.manifest().parents(), own, links));
    // A quantized model comes after the float one that it was made from.
    List<Model> models = new ArrayList<>(inputs.models());
    models.sort(
        (a, b) -> Boolean.compare(a.quantization().isPresent(), b.quantization().isPresent()));
    for (Model model : models) {
      String name = ParentRole.model(model.metrics().name());
      String id = inputs.run().modelId(model.metrics().name()).orElse(name);
      List<String> facts = new ArrayList<>(List.of(model.metrics().precision()));
      model.manifest().ifPresent(manifest -> facts.addAll(facts(manifest)));
      links.add(
          new Link(
              id,
              name,
              facts,
              Set.copyOf(model.manifest().map(Manifest::parents).orElse(Map.of()).values())));
    }
    for (int i = 0; i < inputs.runs().size(); i++) {
      Manifest manifest = inputs.runs().get(i).manifest();
      links.add(
          new Link(
              manifest.id(),
              inputs.runs().size() == 1 ? "scores" : "scores of " + RunsSection.name(i),
              facts(manifest),
              Set.copyOf(manifest.parents().values())));
    }
    Set<String> runs = new LinkedHashSet<>();
    inputs.runs().forEach(run -> runs.add(run.manifest().id()));
    links.add(new Link(PAGE, PAGE, List.of(), runs));
    return new ArtifactChain(links);
  }

  private static void earlier(Map<String, String> parents, Set<String> own, List<Link> links) {
    parents.forEach(
        (role, id) -> {
          if (!own.contains(id) && links.stream().noneMatch(link -> link.id().equals(id))) {
            links.add(
                new Link(id, role.equals(ParentRole.DATA) ? "dataset" : role, List.of(), Set.of()));
          }
        });
  }

  /** The time, version and machine of its making. */
  private static List<String> facts(Manifest manifest) {
    Platform platform = manifest.platform();
    List<String> facts = new ArrayList<>();
    Object seed = manifest.settings().get("seed");
    if (seed != null) {
      facts.add("seed " + seed);
    }
    facts.add(manifest.createdAt());
    facts.add("Octavo %s, Spark %s".formatted(platform.octavo(), platform.spark()));
    facts.add("%s, %d cores".formatted(platform.os(), platform.cores()));
    return facts;
  }

  /** A drawing of it. */
  String graph() {
    ArtifactGraph graph = new ArtifactGraph();
    for (Link link : links) {
      List<String> lines = new ArrayList<>(List.of(link.name()));
      if (link.id().startsWith(HASH)) {
        lines.add(hash(link.id()));
      }
      lines.addAll(link.facts());
      graph.add(link.id(), link.parents(), lines.toArray(String[]::new));
    }
    return graph.html("Artifacts, each to the right of what it was made from");
  }

  /** The same in words. */
  String list() {
    StringBuilder html = new StringBuilder("<ol class=\"chain\">\n");
    for (Link link : links) {
      List<String> from = link.parents().stream().map(this::name).sorted().toList();
      html.append(
          "<li><strong>%s</strong>%s%s</li>\n"
              .formatted(
                  Html.text(link.name()),
                  link.id().equals(PAGE)
                      ? ""
                      : " <code>%s</code>".formatted(Html.text(hash(link.id()))),
                  from.isEmpty() ? "" : " ← " + Html.text(String.join(", ", from))));
    }
    return html.append("</ol>\n").toString();
  }

  private String name(String id) {
    return links.stream()
        .filter(link -> link.id().equals(id))
        .map(Link::name)
        .findFirst()
        .orElse(hash(id));
  }

  private static String hash(String id) {
    String digits = id.startsWith(HASH) ? id.substring(HASH.length()) : id;
    return digits.substring(0, Math.min(SHORT_HASH, digits.length()));
  }
}

package dev.octavo.report;

import dev.octavo.dataset.NearDuplicates;
import dev.octavo.metrics.Ratio;
import dev.octavo.report.RepeatedImages.Pair;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Possible faults of the data, not of the models: labels, and images in two splits. */
record DoubtfulData(
    Map<String, ModelAnswers> models, RepeatedImages repeated, Thumbnails thumbnails) {
  /** Both parts; empty where there is nothing to say. */
  String html() {
    return labels() + repeatedImages();
  }

  /** By the first model, to which the others are like. */
  private String labels() {
    ModelAnswers answers = models.values().iterator().next();
    String model = models.keySet().iterator().next();
    List<Answer> suspects = answers.suspects();
    if (suspects.isEmpty()) {
      return "";
    }
    List<List<String>> lines =
        suspects.stream()
            .map(
                a ->
                    List.of(
                        a.path(),
                        a.truth(),
                        percent(a.truthProbability()),
                        a.label(),
                        percent(a.probability())))
            .toList();
    return Html.heading("Labels that may be wrong")
        + Html.note(
            "Images that %s takes for another class as surely as it recognises images of that class (confident learning, with the mean probability of a class on its own images as its threshold). Candidates to look at, not findings."
                .formatted(model))
        + Gallery.suspects(answers, thumbnails)
        + Html.details(
            "All %s".formatted(Html.counted(lines.size(), "candidate")),
            Table.sortable(
                    "Labels that may be wrong",
                    List.of("image", "label", "its probability", "named", "probability of that"),
                    lines)
                .html());
  }

  private String repeatedImages() {
    if (!repeated.searched()) {
      return "";
    }
    if (repeated.count() == 0) {
      return Html.note("No image of this split is nearly the same as one of another split.");
    }
    List<List<String>> lines = repeated.pairs().stream().map(DoubtfulData::line).toList();
    return Html.heading("Images in more than one split")
        + Html.note(
            "%s of images with the same bytes, or perceptual hashes that differ in at most %d of 64 bits: the same image in another size, or two that look alike. Of equal images of a split the first %d count."
                .formatted(
                    Html.counted(repeated.count(), "pair"),
                    NearDuplicates.MOST_BITS,
                    RepeatedImages.MOST_EQUAL))
        + apart()
        + Gallery.repeated(repeated, thumbnails)
        + Html.details(
            repeated.count() == lines.size()
                ? "All %s".formatted(Html.counted(lines.size(), "pair"))
                : Html.format("The first %,d of %,d pairs", lines.size(), repeated.count()),
            Table.sortable(
                    "Images in more than one split",
                    List.of("image", "label", "also in", "image there", "label there", "likeness"),
                    lines)
                .html());
  }

  private static List<String> line(Pair pair) {
    return List.of(
        pair.scored().path(),
        known(pair.scored().label()),
        pair.other().split(),
        pair.other().path(),
        known(pair.other().label()),
        likeness(pair));
  }

  static String likeness(Pair pair) {
    return (pair.bits() < 0 ? "same file" : Html.counted(pair.bits(), "bit") + " apart")
        + (pair.contradicts() ? ", labels differ" : "");
  }

  private static String known(String label) {
    return label == null ? Html.UNKNOWN : label;
  }

  /** The accuracy without the images that the models were trained on. */
  private String apart() {
    Set<String> trainedOn = repeated.trainedOn();
    Map<String, Ratio> apart = new TreeMap<>();
    models.forEach((name, answers) -> apart.put(name, answers.apart()));
    if (trainedOn.isEmpty() || apart.values().stream().allMatch(r -> r.total() == 0)) {
      return "";
    }
    return Html.note(
        "%s in train, too, so a model may know them by heart. Top-1 accuracy without them: %s."
            .formatted(
                trainedOn.size() == 1
                    ? "1 image is"
                    : Html.format("%,d images are", trainedOn.size()),
                apart.entrySet().stream()
                    .map(e -> "%s %s".formatted(e.getKey(), Html.percent(e.getValue())))
                    .collect(Collectors.joining(", "))));
  }

  private static String percent(double share) {
    return Html.format("%.1f %%", 100 * share);
  }
}

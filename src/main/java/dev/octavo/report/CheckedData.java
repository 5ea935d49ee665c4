package dev.octavo.report;

import dev.octavo.artifact.ParquetRows;
import dev.octavo.dataset.DataCheckSchema;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.report.ReportInputs.Model;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;

/**
 * The doubtful images of the dataset that a model was trained on, from the table that {@code train
 * --check-data} left in its bundle.
 *
 * @param model its name
 * @param labels that may be wrong, the likeliest first; not all of very many
 * @param doubtful number of all of them
 * @param alike images whose features are nearest to those of an image in another split
 */
record CheckedData(String model, List<Label> labels, long doubtful, List<Alike> alike) {
  private static final int MOST_LISTED = 200;
  private static final int MOST_ALIKE = 50;

  /** A label that may be wrong. */
  record Label(String split, String path, String label, double own, String named, double other) {
    private static final Comparator<Label> ORDER =
        Comparator.comparingDouble((Label l) -> l.own - l.other)
            .thenComparing(Label::split)
            .thenComparing(Label::path);
  }

  /** Two images in different splits. */
  record Alike(String split, String path, String otherSplit, String otherPath, double distance) {
    private static final Comparator<Alike> ORDER =
        Comparator.comparingDouble(Alike::distance)
            .thenComparing(Alike::split)
            .thenComparing(Alike::path);
  }

  /** Reads the table of the first model that has one; empty without. */
  static CheckedData of(Configuration conf, List<Model> models) throws IOException {
    for (Model model : models) {
      CheckedData data = of(conf, model);
      if (!data.alike.isEmpty() || !data.labels.isEmpty()) {
        return data;
      }
    }
    return new CheckedData("", List.of(), 0, List.of());
  }

  private static CheckedData of(Configuration conf, Model model) throws IOException {
    Foremost<Label> labels = new Foremost<>(MOST_LISTED, Label.ORDER);
    Foremost<Alike> alike = new Foremost<>(MOST_ALIKE, Alike.ORDER);
    if (model.manifest().isPresent()) {
      Path table = new Path(model.metrics().path(), DataCheckSchema.DIRECTORY);
      ParquetRows rows = new ParquetRows(conf, List.of(DataCheckSchema.ROWS.fieldNames()));
      for (FileStatus file : ParquetRows.files(conf, table)) {
        rows.read(file.getPath(), row -> add(row, labels, alike));
      }
    }
    return new CheckedData(model.metrics().name(), labels.list(), labels.seen(), alike.list());
  }

  private static void add(Group row, Foremost<Label> labels, Foremost<Alike> alike) {
    String split = row.getString(DatasetSchema.SPLIT, 0);
    String path = row.getString(DatasetSchema.PATH, 0);
    if (row.getBoolean(DataCheckSchema.DOUBTFUL, 0)) {
      labels.add(
          new Label(
              split,
              path,
              row.getString(DatasetSchema.LABEL, 0),
              row.getDouble(DataCheckSchema.LABEL_PROBABILITY, 0),
              row.getString(DataCheckSchema.NAMED, 0),
              row.getDouble(DataCheckSchema.NAMED_PROBABILITY, 0)));
    }
    String other = ParquetRows.string(row, DataCheckSchema.NEAREST_SPLIT);
    // Of test beside train and val, and of train beside val: no pair twice.
    if (other != null && split.compareTo(other) < 0) {
      alike.add(
          new Alike(
              split,
              path,
              other,
              row.getString(DataCheckSchema.NEAREST_PATH, 0),
              row.getDouble(DataCheckSchema.NEAREST_DISTANCE, 0)));
    }
  }

  /** Two tables; empty where nothing was checked. */
  String html() {
    if (labels.isEmpty() && alike.isEmpty()) {
      return "";
    }
    return Html.heading("The dataset by the weights that %s began with".formatted(model))
        + Html.note(
            "These features have not seen the labels. A label is doubtful if another class is the likeliest of those with their usual probability (confident learning). Candidates to look at, not findings.")
        + Html.details(
            labels.size() == doubtful
                ? "All %s".formatted(Html.counted(doubtful, "doubtful label"))
                : Html.format("The first %,d of %,d doubtful labels", labels.size(), doubtful),
            Table.sortable(
                    "Doubtful labels of the dataset",
                    List.of(
                        "split",
                        "image",
                        "label",
                        "its probability",
                        "named",
                        "probability of that"),
                    labels.stream()
                        .map(
                            l ->
                                List.of(
                                    l.split(),
                                    l.path(),
                                    l.label(),
                                    percent(l.own()),
                                    l.named(),
                                    percent(l.other())))
                        .toList())
                .html())
        + Html.details(
            "Images that are most alike in two splits",
            Table.sortable(
                    "Images that are most alike in two splits",
                    List.of("split", "image", "also in", "image there", "distance of features"),
                    alike.stream()
                        .map(
                            a ->
                                List.of(
                                    a.split(),
                                    a.path(),
                                    a.otherSplit(),
                                    a.otherPath(),
                                    Html.format("%.3f", a.distance())))
                        .toList())
                .html());
  }

  private static String percent(double share) {
    return Html.format("%.1f %%", 100 * share);
  }
}

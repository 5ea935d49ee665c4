package dev.octavo.score;

import ai.djl.MalformedModelException;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.modality.cv.transform.CenterCrop;
import ai.djl.modality.cv.transform.Normalize;
import ai.djl.modality.cv.transform.Resize;
import ai.djl.modality.cv.transform.ToTensor;
import ai.djl.modality.cv.translator.ImageClassificationTranslator;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.DoubleAccumulator;

/**
 * What a user of DJL writes in {@code mapPartitions}: a model for each task, the translator of
 * DJL's documentation for torchvision's models, images in batches.
 */
final class DjlTask implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;
  private static final int BATCH_SIZE = 10;

  private final String model;
  private final List<String> classes;
  private final Norm norm;
  private final Source source;
  private final DoubleAccumulator loadSeconds;

  /** Where pixels are normalised. */
  enum Norm {
    /** By DJL's translator, for a program that was traced from torchvision. */
    BY_DJL,
    /** By the program, as Octavo's do. */
    BY_THE_PROGRAM
  }

  /** A source of Spark's, and the columns that are read of it. */
  enum Source {
    /** Bytes of files; DJL's image factory decodes them. */
    BINARY_FILE,
    /** Spark decodes, to the bytes of BGR pixels. */
    IMAGE;

    /** As {@code DataFrameReader.format} takes it. */
    String format() {
      return this == BINARY_FILE ? "binaryFile" : "image";
    }

    /** Spark's machine learning library brings the image source; the embedded Spark may lack it. */
    boolean exists() {
      return this == BINARY_FILE
          || DjlTask.class
                  .getClassLoader()
                  .getResource("org/apache/spark/ml/source/image/ImageFileFormat.class")
              != null;
    }

    List<String> columns() {
      return this == BINARY_FILE
          ? List.of("path", "content")
          : List.of("image.origin", "image.data", "image.width", "image.height", "image.nChannels");
    }

    private Image image(Row row) throws IOException {
      byte[] bytes = (byte[]) row.get(1);
      ImageFactory factory = ImageFactory.getInstance();
      return this == BINARY_FILE
          ? factory.fromInputStream(new ByteArrayInputStream(bytes))
          : factory.fromImage(pixels(bytes, row.getInt(2), row.getInt(3), row.getInt(4)));
    }

    private static BufferedImage pixels(byte[] bytes, int width, int height, int channels) {
      BufferedImage image =
          new BufferedImage(
              width,
              height,
              switch (channels) {
                case 1 -> BufferedImage.TYPE_BYTE_GRAY;
                case 3 -> BufferedImage.TYPE_3BYTE_BGR;
                default -> throw new IllegalArgumentException(channels + " channels");
              });
      byte[] raster = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
      System.arraycopy(bytes, 0, raster, 0, raster.length);
      return image;
    }
  }

  /**
   * A task.
   *
   * @param model a TorchScript file on this machine
   * @param loadSeconds is told what loading took
   */
  DjlTask(
      Path model, List<String> classes, Norm norm, Source source, DoubleAccumulator loadSeconds) {
    this.model = model.toString();
    this.classes = new ArrayList<>(classes);
    this.norm = norm;
    this.source = source;
    this.loadSeconds = loadSeconds;
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) throws Exception {
    List<Row> predictions = new ArrayList<>();
    long start = System.nanoTime();
    try (ZooModel<Image, Classifications> loaded = load();
        Predictor<Image, Classifications> predictor = loaded.newPredictor()) {
      loadSeconds.add((System.nanoTime() - start) / 1e9);
      List<Row> batch = new ArrayList<>();
      while (rows.hasNext()) {
        batch.add(rows.next());
        if (batch.size() == BATCH_SIZE || !rows.hasNext()) {
          predict(predictor, batch, predictions);
          batch.clear();
        }
      }
    }
    return predictions.iterator();
  }

  private void predict(
      Predictor<Image, Classifications> predictor, List<Row> batch, List<Row> predictions)
      throws IOException, TranslateException {
    List<Image> images = new ArrayList<>();
    for (Row row : batch) {
      images.add(source.image(row));
    }
    List<Classifications> results = predictor.batchPredict(images);
    for (int i = 0; i < batch.size(); i++) {
      Classifications.Classification best = results.get(i).best();
      predictions.add(
          RowFactory.create(batch.get(i).getString(0), best.getClassName(), best.getProbability()));
    }
  }

  private ZooModel<Image, Classifications> load()
      throws IOException, ModelNotFoundException, MalformedModelException {
    ImageClassificationTranslator.Builder translator =
        ImageClassificationTranslator.builder()
            .addTransform(new Resize(256))
            .addTransform(new CenterCrop(224, 224))
            .addTransform(new ToTensor());
    if (norm == Norm.BY_DJL) {
      translator.addTransform(
          new Normalize(
              new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f}));
    }
    return Criteria.builder()
        .setTypes(Image.class, Classifications.class)
        .optEngine("PyTorch")
        .optModelPath(Path.of(model))
        .optTranslator(translator.optSynset(classes).optApplySoftmax(true).build())
        .build()
        .loadModel();
  }
}

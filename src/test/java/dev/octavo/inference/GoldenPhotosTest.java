package dev.octavo.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.PublishWeights;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.program.Precision;
import dev.octavo.spark.JvmResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.util.SerializableConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Photos decoded as scoring decodes them, against the logits that PyTorch gives. */
class GoldenPhotosTest {
  private static final Path SHARED = Path.of("../shared");

  @TempDir private Path directory;

  @Test
  void logitsAndClassesAreThoseOfPyTorch() throws IOException {
    assumeTrue(Files.isDirectory(SHARED.resolve("golden")), "../shared/golden is not there");
    JsonNode golden = new ObjectMapper().readTree(SHARED.resolve("golden/logits.json").toFile());
    String bundle = directory.resolve("bundle").toString();
    PublishWeights.main(
        new String[] {
          SHARED.resolve(golden.get("weights").asText()).toString(),
          "resnet50",
          "224",
          bundle,
          SHARED.resolve("data/rooms/Images").toString()
        });
    try (JvmResource.Lease<ModelSet> lease = ModelSet.borrow(plan(bundle), 1)) {
      ScoringModel model = lease.resource().models().get(0);
      Batch batch = lease.resource().borrowBatch();
      for (JsonNode item : golden.get("items")) {
        String photo = item.get("photo").asText();
        byte[] bytes = Files.readAllBytes(SHARED.resolve(photo));
        batch.clear();
        batch.add(List.of(new ImageItem.Bytes(bytes)));
        assertThat(batch.error(0)).as(photo).isNull();
        float[] logits = model.logits(batch.pixels(model.preprocessing()));
        for (int c = 0; c < logits.length; c++) {
          // Pixels are equal to the bit where a photo is decoded in full, as these are.
          assertThat(logits[c])
              .as("%s, class %d", photo, c)
              .isCloseTo((float) item.get("logits").get(c).asDouble(), within(1e-3f));
        }
        String expected = item.get("class").asText();
        Prediction prediction = model.predict(batch, List.of(expected), Outputs.top(1)).get(0);
        assertThat(prediction.best().get(0).label()).isEqualTo(expected);
        assertThat(prediction.truthRank()).isEqualTo(1);
      }
      lease.resource().giveBack(batch);
    }
  }

  private static InferencePlan plan(String directory) throws IOException {
    Configuration conf = new Configuration();
    ModelBundle bundle = ModelBundle.open(conf, new org.apache.hadoop.fs.Path(directory));
    return new InferencePlan(
        new ModelSetSpec(
            List.of(ModelSpec.of("golden", bundle, Precision.FP32, CpuPolicy.ADAPT)),
            1,
            DecodeLimits.DEFAULT,
            InferencePlan.DECODE_TIME),
        Outputs.top(1),
        new SerializableConfiguration(conf));
  }
}

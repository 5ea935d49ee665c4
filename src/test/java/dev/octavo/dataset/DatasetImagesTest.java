package dev.octavo.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.image.Preprocessing;
import dev.octavo.image.TestImages;
import dev.octavo.image.codec.DecodeLimits;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class DatasetImagesTest {
  /** As one is that came in with {@code ingest --max-bytes} above the default. */
  @Test
  void readsAFileBeyondTheLimitsThatIngestHasByDefault() throws IOException {
    byte[] file =
        TestImages.write(TestImages.quarters(40, 30, BufferedImage.TYPE_3BYTE_BGR), "png");
    byte[] large = Arrays.copyOf(file, Math.toIntExact(DecodeLimits.DEFAULT.maxBytes()) + 1);
    Preprocessing preprocessing = Preprocessing.ofSize(32);
    assertThat(DatasetImages.crop("large.png", large, preprocessing))
        .isEqualTo(DatasetImages.crop("small.png", file, preprocessing));
  }
}

package dev.octavo.train.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepeatsTest {
  @TempDir private Path directory;

  private List<ShardStore.Entry> entries() throws IOException {
    List<Sample> samples =
        IntStream.range(0, 7)
            .mapToObj(i -> new Sample("image" + i, 0, "train", new byte[] {(byte) i}))
            .toList();
    try (ShardStore store = ShardStore.spill(samples.iterator(), directory)) {
      return store.split("train");
    }
  }

  /** As timm's RepeatAugSampler: {@code repeat_interleave}, cut to as many as there were. */
  @Test
  void anImageComesAsOftenAsAskedInARowAndTheEpochStaysAsLong() throws IOException {
    List<ShardStore.Entry> repeated = ShardStore.Entry.repeated(entries(), 3);
    assertThat(repeated)
        .extracting(ShardStore.Entry::path)
        .containsExactly("image0", "image0", "image0", "image1", "image1", "image1", "image2");
    assertThat(repeated).extracting(ShardStore.Entry::sample).doesNotHaveDuplicates();
    assertThat(repeated.get(3).sample()).isEqualTo("image1"); // as without repeats
  }

  @Test
  void onceIsAsItWas() throws IOException {
    List<ShardStore.Entry> entries = entries();
    assertThat(ShardStore.Entry.repeated(entries, 1)).isEqualTo(entries);
  }
}

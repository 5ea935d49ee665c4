package dev.octavo.train.data;

import dev.octavo.OctavoException;
import dev.octavo.train.Replica;
import dev.octavo.train.WorkPlan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;

/**
 * Batches of features for a linear probe: the network's answer below the classifier, computed once
 * per image (centre crop) and kept in a file on local disk.
 */
public final class FeatureLoader implements BatchSource {
  private final FileChannel channel;
  private final int features;
  private final Map<String, Integer> places;
  private final Queue<Batch> batches = new ArrayDeque<>();
  private final Targets targets;
  private final int batchSize;

  private FeatureLoader(
      FileChannel channel,
      int features,
      Map<String, Integer> places,
      Targets targets,
      WorkPlan plan) {
    this.channel = channel;
    this.features = features;
    this.places = places;
    this.targets = targets;
    this.batchSize = plan.batching().batchSize();
    for (int i = 0; i < plan.recipe().batchesHeld(); i++) {
      batches.add(Batch.ofFeatures(batchSize, features, targets.columns()));
    }
  }

  /**
   * Computes the features of all images of a store.
   *
   * @param images loads them
   * @param directory for the file, which is deleted with its last use
   */
  public static FeatureLoader compute(
      ShardStore store,
      BatchSource images,
      Replica replica,
      WorkPlan plan,
      Targets targets,
      Path directory)
      throws IOException {
    FileChannel channel =
        FileChannel.open(
            Files.createTempFile(directory, "octavo-features-", ".f32"),
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE);
    List<ShardStore.Entry> all = new ArrayList<>(store.entries());
    Map<String, Integer> places = new HashMap<>();
    int width = plan.features();
    try {
      Pass pass = images.evaluation(all);
      for (Optional<Batch> next = pass.next(); next.isPresent(); next = pass.next()) {
        ByteBuffer values = ByteBuffer.allocateDirect(next.get().size() * width * Float.BYTES);
        replica.features(next.get(), values);
        while (values.hasRemaining()) {
          channel.write(values);
        }
      }
      all.forEach(entry -> places.put(entry.path(), places.size()));
      return new FeatureLoader(channel, width, places, targets, plan);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public Pass training(List<List<ShardStore.Entry>> batches, int epoch, int firstBatch) {
    return new ReadingPass(batches);
  }

  @Override
  public Pass evaluation(List<ShardStore.Entry> order) {
    return new ReadingPass(Batching.plain(order, batchSize));
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new OctavoException("could not close a file of features: " + e.getMessage(), e);
    }
  }

  private final class ReadingPass implements Pass {
    private final Iterator<List<ShardStore.Entry>> parts;

    ReadingPass(List<List<ShardStore.Entry>> parts) {
      this.parts = parts.iterator();
    }

    @Override
    public Optional<Batch> next() {
      if (!parts.hasNext()) {
        return Optional.empty();
      }
      Batch batch = batches.remove();
      batches.add(batch);
      ByteBuffer inputs = batch.clear();
      for (ShardStore.Entry entry : parts.next()) {
        read(inputs, (long) places.get(entry.path()) * features * Float.BYTES);
        batch.add(entry.label());
      }
      targets.write(batch, 1);
      return Optional.of(batch);
    }

    private void read(ByteBuffer inputs, long offset) {
      ByteBuffer target = inputs.slice(inputs.position(), features * Float.BYTES);
      try {
        while (target.hasRemaining()) {
          if (channel.read(target, offset + target.position()) < 0) {
            throw new IllegalStateException("the file of features is too short");
          }
        }
      } catch (IOException e) {
        throw new OctavoException("could not read features: " + e.getMessage(), e);
      }
      inputs.position(inputs.position() + features * Float.BYTES);
    }
  }
}

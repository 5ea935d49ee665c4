package dev.octavo.network;

import dev.octavo.image.Interpolation;
import dev.octavo.image.Normalization;
import dev.octavo.image.Preprocessing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Szegedy et al., "Rethinking the Inception Architecture for Computer Vision" (2015), as
 * torchvision builds it, without the auxiliary classifier.
 */
final class InceptionV3 {
  private static final String ID = "inception_v3";
  private static final double DROPOUT = 0.5;
  private static final Geometry POINTWISE = Geometry.of(1, 1);
  private static final Geometry ROW = Geometry.rectangular(1, 7);
  private static final Geometry COLUMN = Geometry.rectangular(7, 1);
  private static final Geometry REDUCTION = Geometry.of(3, 2).withoutPadding();

  private static final List<String> STEM =
      List.of("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "Conv2d_3b_1x1", "Conv2d_4a_3x3");
  private static final List<String> MIXED =
      List.of(
          "Mixed_5b",
          "Mixed_5c",
          "Mixed_5d",
          "Mixed_6a",
          "Mixed_6b",
          "Mixed_6c",
          "Mixed_6d",
          "Mixed_6e",
          "Mixed_7a",
          "Mixed_7b",
          "Mixed_7c");

  /** The networks of this family. */
  static final List<Architecture> ALL =
      List.of(
          new Architecture(
              ID,
              stages(),
              new Preprocessing(342, 299, Interpolation.BILINEAR, Normalization.IMAGENET),
              classes -> new InceptionV3().network(classes)));

  private final NodeList nodes = new NodeList(name -> new BatchNorm(name, 1e-3, 0.1));

  private InceptionV3() {}

  private static Map<String, List<String>> stages() {
    Map<String, List<String>> stages = new LinkedHashMap<>();
    stages.put("stem", STEM);
    MIXED.forEach(block -> stages.put(block, List.of(block)));
    return stages;
  }

  private Network network(int classes) {
    nodes.basicConv(STEM.get(0), 32, REDUCTION);
    nodes.basicConv(STEM.get(1), 32, Geometry.of(3, 1).withoutPadding());
    nodes.basicConv(STEM.get(2), 64, Geometry.of(3, 1));
    nodes.add(new Node.MaxPool(nodes.last(), 3, 2, 0));
    nodes.basicConv(STEM.get(3), 80, POINTWISE);
    nodes.basicConv(STEM.get(4), 192, Geometry.of(3, 1).withoutPadding());
    nodes.add(new Node.MaxPool(nodes.last(), 3, 2, 0));
    blockA("Mixed_5b", 32);
    blockA("Mixed_5c", 64);
    blockA("Mixed_5d", 64);
    reductionB("Mixed_6a");
    blockC("Mixed_6b", 128);
    blockC("Mixed_6c", 160);
    blockC("Mixed_6d", 160);
    blockC("Mixed_6e", 192);
    reductionD("Mixed_7a");
    blockE("Mixed_7b");
    blockE("Mixed_7c");
    nodes.add(new Node.GlobalAveragePool(nodes.last()));
    nodes.add(new Node.Dropout(nodes.last(), DROPOUT));
    return nodes.network(ID, "fc", classes);
  }

  /** The branches of a block, all of which read what is the last node when it begins. */
  private final class Branches {
    private final String name;
    private final int input = nodes.last();
    private final List<Integer> ends = new ArrayList<>();

    Branches(String name) {
      this.name = name;
    }

    /** Starts another branch. */
    Branches next() {
      nodes.from(input);
      return this;
    }

    Branches conv(String module, int out, Geometry geometry) {
      nodes.basicConv(name + "." + module, out, geometry);
      return this;
    }

    Branches average() {
      nodes.add(new Node.AveragePool(nodes.last(), 3, 1, 1));
      return this;
    }

    Branches max() {
      nodes.add(new Node.MaxPool(nodes.last(), 3, 2, 0));
      return this;
    }

    /** Makes the last node an end of the branch. */
    Branches end() {
      ends.add(nodes.last());
      return this;
    }

    /** Makes two convolutions of the last node, 1×3 and 3×1, ends of the branch. */
    void split(String row, String column) {
      int fork = nodes.last();
      conv(row, 384, Geometry.rectangular(1, 3)).end();
      nodes.from(fork);
      conv(column, 384, Geometry.rectangular(3, 1)).end();
    }

    void join() {
      nodes.concat(ends.toArray(Integer[]::new));
    }
  }

  private void blockA(String name, int pooled) {
    Branches b = new Branches(name);
    b.conv("branch1x1", 64, POINTWISE).end();
    b.next().conv("branch5x5_1", 48, POINTWISE).conv("branch5x5_2", 64, Geometry.of(5, 1)).end();
    b.next()
        .conv("branch3x3dbl_1", 64, POINTWISE)
        .conv("branch3x3dbl_2", 96, Geometry.of(3, 1))
        .conv("branch3x3dbl_3", 96, Geometry.of(3, 1))
        .end();
    b.next().average().conv("branch_pool", pooled, POINTWISE).end().join();
  }

  private void reductionB(String name) {
    Branches b = new Branches(name);
    b.conv("branch3x3", 384, REDUCTION).end();
    b.next()
        .conv("branch3x3dbl_1", 64, POINTWISE)
        .conv("branch3x3dbl_2", 96, Geometry.of(3, 1))
        .conv("branch3x3dbl_3", 96, REDUCTION)
        .end();
    b.next().max().end().join();
  }

  private void blockC(String name, int inner) {
    Branches b = new Branches(name);
    b.conv("branch1x1", 192, POINTWISE).end();
    b.next()
        .conv("branch7x7_1", inner, POINTWISE)
        .conv("branch7x7_2", inner, ROW)
        .conv("branch7x7_3", 192, COLUMN)
        .end();
    b.next()
        .conv("branch7x7dbl_1", inner, POINTWISE)
        .conv("branch7x7dbl_2", inner, COLUMN)
        .conv("branch7x7dbl_3", inner, ROW)
        .conv("branch7x7dbl_4", inner, COLUMN)
        .conv("branch7x7dbl_5", 192, ROW)
        .end();
    b.next().average().conv("branch_pool", 192, POINTWISE).end().join();
  }

  private void reductionD(String name) {
    Branches b = new Branches(name);
    b.conv("branch3x3_1", 192, POINTWISE).conv("branch3x3_2", 320, REDUCTION).end();
    b.next()
        .conv("branch7x7x3_1", 192, POINTWISE)
        .conv("branch7x7x3_2", 192, ROW)
        .conv("branch7x7x3_3", 192, COLUMN)
        .conv("branch7x7x3_4", 192, REDUCTION)
        .end();
    b.next().max().end().join();
  }

  private void blockE(String name) {
    Branches b = new Branches(name);
    b.conv("branch1x1", 320, POINTWISE).end();
    b.next().conv("branch3x3_1", 384, POINTWISE).split("branch3x3_2a", "branch3x3_2b");
    b.next()
        .conv("branch3x3dbl_1", 448, POINTWISE)
        .conv("branch3x3dbl_2", 384, Geometry.of(3, 1))
        .split("branch3x3dbl_3a", "branch3x3dbl_3b");
    b.next().average().conv("branch_pool", 192, POINTWISE).end().join();
  }
}

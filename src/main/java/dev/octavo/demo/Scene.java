package dev.octavo.demo;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Polygon;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.util.SplittableRandom;

/**
 * The common features of the rooms of one class: the hue of the wall, the pattern of the floor, the
 * shape of what hangs on the wall. Eight hues, three patterns and three shapes make 72 looks for 67
 * classes, so that no single one of them gives a class away. Sizes, places, number, light, noise
 * and point of view differ from image to image.
 */
record Scene(int hue, Floor floor, Shape shape) {
  private static final int HUES = 8;
  private static final int NOISE = 14;

  /** The pattern of the floor. */
  enum Floor {
    PLANKS(0.08),
    TILES(0.35),
    COLUMNS(0.65);

    /** From the wall's hue to the floor's, in turns of the colour wheel. */
    private final double turn;

    Floor(double turn) {
      this.turn = turn;
    }
  }

  /** The object on the wall. */
  enum Shape {
    WINDOW(0.5),
    LAMP(0.2),
    GABLE(0.8);

    /** From the wall's hue to the shape's, in turns of the colour wheel. */
    private final double turn;

    Shape(double turn) {
      this.turn = turn;
    }
  }

  /** The look of a class. */
  static Scene of(int labelId) {
    return new Scene(
        labelId % HUES,
        Floor.values()[labelId / HUES % 3],
        Shape.values()[labelId / (HUES * 3) % 3]);
  }

  /** Paints an image of this class, about 128 pixels wide; equal seeds give equal images. */
  BufferedImage paint(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int width = random.nextInt(112, 161);
    int height = random.nextInt(96, 145);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    double light = random.nextDouble(0.75, 1.0);
    int horizon = (int) (height * random.nextDouble(0.5, 0.65));
    graphics.setColor(color(random, 0, 0.55, light));
    graphics.fillRect(0, 0, width, horizon);
    paintFloor(graphics, random, light, width, height, horizon);
    paintShapes(graphics, random, light, width, horizon);
    graphics.dispose();
    addNoise(image, random);
    return image;
  }

  /** A colour at some distance, in turns of the colour wheel, from this class's hue. */
  private Color color(SplittableRandom random, double turn, double saturation, double brightness) {
    double jitter = random.nextDouble(-0.02, 0.02);
    return Color.getHSBColor(
        (float) ((double) hue / HUES + turn + jitter), (float) saturation, (float) brightness);
  }

  private void paintFloor(
      Graphics2D graphics,
      SplittableRandom random,
      double light,
      int width,
      int height,
      int horizon) {
    Color bright = color(random, floor.turn, 0.35, light * 0.9);
    Color dark = color(random, floor.turn, 0.6, light * 0.5);
    graphics.setColor(bright);
    graphics.fillRect(0, horizon, width, height - horizon);
    graphics.setColor(dark);
    int step = random.nextInt(10, 15);
    int offset = random.nextInt(step);
    for (int y = horizon + offset - step; y < height; y += step) {
      for (int x = offset - step; x < width; x += step) {
        int top = Math.max(y, horizon);
        switch (floor) {
          case PLANKS -> graphics.fillRect(x, top, step, y + step / 2 - top);
          case COLUMNS -> graphics.fillRect(x, top, step / 2, y + step - top);
          case TILES -> {
            boolean odd = ((x - offset) / step + (y - horizon - offset) / step) % 2 != 0;
            if (odd) {
              graphics.fillRect(x, top, step, y + step - top);
            }
          }
        }
      }
    }
  }

  private void paintShapes(
      Graphics2D graphics, SplittableRandom random, double light, int width, int horizon) {
    int count = random.nextInt(3, 6);
    graphics.setStroke(new BasicStroke(2));
    for (int i = 0; i < count; i++) {
      int size = random.nextInt(20, 33);
      int x = random.nextInt(-size / 4, width - size * 3 / 4);
      int y = random.nextInt(0, Math.max(1, horizon - size));
      java.awt.Shape outline = outline(x, y, size);
      graphics.setColor(color(random, shape.turn, 0.5, light));
      graphics.fill(outline);
      graphics.setColor(color(random, shape.turn, 0.8, light * 0.35));
      graphics.draw(outline);
    }
  }

  private java.awt.Shape outline(int x, int y, int size) {
    return switch (shape) {
      case WINDOW -> new Rectangle(x, y, size, size);
      case LAMP -> new Ellipse2D.Double(x, y, size, size);
      case GABLE ->
          new Polygon(new int[] {x, x + size / 2, x + size}, new int[] {y + size, y, y + size}, 3);
    };
  }

  private static void addNoise(BufferedImage image, SplittableRandom random) {
    int[] pixels = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
    for (int i = 0; i < pixels.length; i++) {
      int noise = random.nextInt(-NOISE, NOISE + 1);
      int red = clamp((pixels[i] >> 16 & 0xff) + noise);
      int green = clamp((pixels[i] >> 8 & 0xff) + noise);
      int blue = clamp((pixels[i] & 0xff) + noise);
      pixels[i] = red << 16 | green << 8 | blue;
    }
  }

  private static int clamp(int level) {
    return Math.min(255, Math.max(0, level));
  }
}

package dev.octavo.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/**
 * Makes small JPEGs whose Exif blocks are damaged in random ways, the same for the same seed.
 * Arguments: where the files go, how many, the seed.
 */
public final class MutatedExif {
  private static final int[] TAGS = {0x0112, 0x010f, 0x011a, 0x8769, 0x0112, 0xffff};
  private static final byte[] HEADER = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);

  private MutatedExif() {}

  /** Makes them. */
  public static void main(String[] args) throws IOException {
    Path out = Files.createDirectories(Path.of(args[0]));
    byte[] jpeg = TestImages.write(TestImages.quarters(24, 16, BufferedImage.TYPE_INT_RGB), "jpg");
    int count = Integer.parseInt(args[1]);
    long seed = Long.parseLong(args[2]);
    for (int i = 0; i < count; i++) {
      Files.write(out.resolve("%05d.jpg".formatted(i)), file(jpeg, new Random(seed + i)));
    }
  }

  private static byte[] file(byte[] jpeg, Random random) {
    byte[] block = block(random);
    for (int flips = random.nextInt(4); flips > 0 && block.length > 0; flips--) {
      block[random.nextInt(block.length)] ^= (byte) (1 << random.nextInt(8));
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(jpeg, 0, 2);
    int headers = random.nextInt(8) == 0 ? 2 : 1;
    int length = 2 + headers * HEADER.length + block.length;
    file.writeBytes(new byte[] {(byte) 0xff, (byte) 0xe1, (byte) (length >> 8), (byte) length});
    for (int i = 0; i < headers; i++) {
      file.writeBytes(HEADER);
    }
    file.writeBytes(block);
    file.write(jpeg, 2, jpeg.length - 2);
    return file.toByteArray();
  }

  private static byte[] block(Random random) {
    ByteOrder order = random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    int entries = 1 + random.nextInt(5);
    ByteBuffer block = ByteBuffer.allocate(8 + 2 + 12 * entries + 4 + 40).order(order);
    byte letter = (byte) (order == ByteOrder.LITTLE_ENDIAN ? 'I' : 'M');
    block.put(letter).put(letter).putShort((short) 42).putInt(8);
    int claimed = random.nextInt(6) == 0 ? random.nextInt(65536) : entries;
    block.putShort((short) claimed);
    for (int i = 0; i < entries; i++) {
      int tag = TAGS[random.nextInt(TAGS.length)];
      int type = random.nextInt(3) == 0 ? random.nextInt(18) : 3;
      int count = random.nextInt(4) == 0 ? random.nextInt(30) : 1;
      block.putShort((short) tag).putShort((short) type).putInt(count);
      if (random.nextInt(4) == 0) {
        block.putInt(random.nextInt(block.capacity() + 20));
      } else {
        block.putShort((short) random.nextInt(10)).putShort((short) 0);
      }
    }
    while (block.hasRemaining()) {
      block.put((byte) random.nextInt(9));
    }
    byte[] bytes = block.array();
    return random.nextInt(6) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
  }
}

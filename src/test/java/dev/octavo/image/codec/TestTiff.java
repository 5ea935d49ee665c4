package dev.octavo.image.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes TIFFs of one strip, with any tags, right or wrong. */
final class TestTiff {
  private static final int SHORT = 3;
  private static final int LONG = 4;

  private final ByteOrder order;
  private final boolean big;
  private final byte[] strip;
  private final List<Tag> tags = new ArrayList<>();

  private record Tag(int tag, int type, long... values) {}

  private TestTiff(ByteOrder order, boolean big, byte[] strip) {
    this.order = order;
    this.big = big;
    this.strip = strip;
  }

  /** An image of one strip of bytes. */
  static TestTiff of(int width, int height, int bits, int photometric, int samples, byte... strip) {
    return new TestTiff(ByteOrder.LITTLE_ENDIAN, false, strip)
        .tags(width, height, bits, photometric, samples);
  }

  /** The same as BigTIFF. */
  static TestTiff big(
      int width, int height, int bits, int photometric, int samples, byte... strip) {
    return new TestTiff(ByteOrder.BIG_ENDIAN, true, strip)
        .tags(width, height, bits, photometric, samples);
  }

  private TestTiff tags(int width, int height, int bits, int photometric, int samples) {
    return with(256, LONG, width)
        .with(257, LONG, height)
        .with(258, SHORT, new long[samples])
        .with(262, SHORT, photometric)
        .with(277, SHORT, samples)
        .with(278, LONG, height)
        .with(279, LONG, strip.length)
        .bits(bits);
  }

  private TestTiff bits(int bits) {
    for (Tag tag : tags) {
      if (tag.tag() == 258) {
        Arrays.fill(tag.values(), bits);
      }
    }
    return this;
  }

  /** Adds a tag, at the end of the directory. */
  TestTiff with(int tag, int type, long... values) {
    tags.add(new Tag(tag, type, values));
    return this;
  }

  TestTiff withShort(int tag, long... values) {
    return with(tag, SHORT, values);
  }

  byte[] bytes() {
    ByteBuffer file = ByteBuffer.allocate(65536).order(order);
    int far = 16 + (big ? 8 : 2) + (tags.size() + 1) * (big ? 20 : 12) + 8;
    file.put((byte) (order == ByteOrder.LITTLE_ENDIAN ? 'I' : 'M'));
    file.put(file.get(0)).putShort((short) (big ? 43 : 42));
    if (big) {
      file.putShort((short) 8).putShort((short) 0).putLong(16);
    } else {
      file.putInt(16);
    }
    file.position(16);
    count(file, tags.size() + 1, big ? 8 : 2);
    List<Tag> all = new ArrayList<>(tags);
    int strips = far;
    file.put(strips, strip);
    far += strip.length + (strip.length & 1);
    all.add(new Tag(273, LONG, strips));
    for (Tag tag : all) {
      int size = tag.type() == SHORT || tag.type() == 8 ? 2 : tag.type() == 1 ? 1 : 4;
      file.putShort((short) tag.tag()).putShort((short) tag.type());
      count(file, tag.values().length, big ? 8 : 4);
      int slot = file.position();
      int to = slot;
      if (tag.values().length * size > (big ? 8 : 4)) {
        to = far;
        far += tag.values().length * size;
        count(file, to, big ? 8 : 4);
      }
      for (int i = 0; i < tag.values().length; i++) {
        if (size == 1) {
          file.put(to + i, (byte) tag.values()[i]);
        } else if (size == 2) {
          file.putShort(to + 2 * i, (short) tag.values()[i]);
        } else {
          file.putInt(to + 4 * i, (int) tag.values()[i]);
        }
      }
      file.position(slot + (big ? 8 : 4));
    }
    return Arrays.copyOf(file.array(), far);
  }

  private static void count(ByteBuffer file, long value, int bytes) {
    switch (bytes) {
      case 2 -> file.putShort((short) value);
      case 4 -> file.putInt((int) value);
      default -> file.putLong(value);
    }
  }
}

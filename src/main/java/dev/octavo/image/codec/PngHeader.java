package dev.octavo.image.codec;

import dev.octavo.image.codec.UndecodableImageException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.zip.CRC32;

/**
 * The chunks of a PNG, read to the end chunk, with the checksums of the critical ones verified.
 *
 * @param pixelChunks the file reduced to its critical chunks: what pixels need, without the colour
 *     profiles, texts and animation frames that make libpng warn, inflate or composite
 */
@SuppressWarnings("ArrayRecordComponent") // handed to the decoder, never compared
record PngHeader(ImageInfo info, byte[] pixelChunks) implements Header {
  private static final int SIGNATURE = 8;

  private static final int CHUNK = 12;

  /** Reads a whole file: one that ends without end chunk must have data for all rows. */
  static PngHeader read(byte[] file, DecodeLimits limits) throws UndecodableImageException {
    ByteReader in = new ByteReader(file, ByteOrder.BIG_ENDIAN, "PNG");
    if (!in.has(SIGNATURE + 4, "IHDR")) {
      throw new UndecodableImageException(Reason.CORRUPT, "the PNG doesn't begin with a header");
    }
    int width = in.i32(SIGNATURE + 8);
    int height = in.i32(SIGNATURE + 12);
    if (width < 1 || height < 1) {
      throw new UndecodableImageException(
          Reason.CORRUPT, "the PNG's header says %d x %d pixels".formatted(width, height));
    }
    limits.checkPixels(width, height);
    int channels =
        switch (in.u8(SIGNATURE + 17)) {
          case 0 -> 1;
          case 4 -> 2;
          case 2, 3 -> 3;
          default -> 4;
        };

    ByteBuffer kept = ByteBuffer.allocate(file.length + 2 * CHUNK);
    kept.put(file, 0, SIGNATURE);
    byte[] exif = null;
    PngTexts texts = new PngTexts();
    String warning = null;
    int at = SIGNATURE;
    boolean end = false;
    while (!end) {
      if (at + CHUNK > file.length || in.u32(at) + CHUNK > file.length - at) {
        keepCutChunk(in, file, at, kept);
        PngRows.check(kept.array(), kept.position());
        putChunk(kept, "IEND", file, 0, 0);
        warning = "the PNG has no end chunk, but all of its %d rows".formatted(height);
        break;
      }
      int size = (int) in.u32(at);
      boolean critical = (in.u8(at + 4) & 0x20) == 0;
      if (critical) {
        checkCrc(in, file, at, size);
        kept.put(file, at, size + CHUNK);
        end = in.has(at + 4, "IEND");
      } else if (in.has(at + 4, "eXIf")) {
        exif = Arrays.copyOfRange(file, at + 8, at + 8 + size);
      } else if (in.has(at + 5, "EXt") || in.has(at + 5, "TXt")) {
        String type = new String(file, at + 4, 4, StandardCharsets.US_ASCII);
        texts.add(type, file, at + 8, size);
      }
      at += size + CHUNK;
    }
    OptionalInt orientation = exif == null ? texts.rawProfileOrientation() : Exif.orientation(exif);
    return new PngHeader(
        new ImageInfo(
            ImageFormat.PNG,
            width,
            height,
            channels,
            orientation.orElse(texts.xmpOrientation().orElse(1)),
            warning),
        Arrays.copyOf(kept.array(), kept.position()));
  }

  /** Keeps what is there of a last chunk with pixels, as a chunk that is whole. */
  private static void keepCutChunk(ByteReader in, byte[] file, int at, ByteBuffer kept) {
    if (in.has(at + 4, "IDAT")) {
      putChunk(kept, "IDAT", file, at + 8, file.length - at - 8);
    }
  }

  private static void putChunk(ByteBuffer to, String type, byte[] file, int at, int size) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(file, at, size);
    to.putInt(size).put(name).put(file, at, size).putInt((int) crc.getValue());
  }

  @Override
  public PixelView decodePixels(byte[] file, OpenCvCodec codec, int side)
      throws UndecodableImageException {
    try {
      return codec.decode(pixelChunks, info);
    } catch (UndecodableImageException e) {
      PngRows.check(pixelChunks, pixelChunks.length); // says so if that is the reason
      throw e;
    }
  }

  private static void checkCrc(ByteReader in, byte[] file, int at, int size)
      throws UndecodableImageException {
    CRC32 crc = new CRC32();
    crc.update(file, at + 4, size + 4);
    if (crc.getValue() != in.u32(at + 8L + size)) {
      throw new UndecodableImageException(
          Reason.CORRUPT, "the checksum of the PNG's chunk at byte %d is wrong".formatted(at));
    }
  }
}

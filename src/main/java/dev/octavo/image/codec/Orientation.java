package dev.octavo.image.codec;

/** Turns stored pixels the right way up. */
final class Orientation {
  private Orientation() {}

  /**
   * Applies an Exif orientation: 1 nothing, 2 mirrored left to right, 3 turned by 180°, 4 mirrored
   * top to bottom, 5 transposed, 6 turned by 90° clockwise, 7 transposed along the other diagonal,
   * 8 turned by 90° counter-clockwise. No pixel is moved, they are only read in another order.
   */
  static PixelView apply(PixelView stored, int orientation) {
    return switch (orientation) {
      case 2 -> stored.mirrored();
      case 3 -> stored.mirrored().flipped();
      case 4 -> stored.flipped();
      case 5 -> stored.transposed();
      case 6 -> stored.flipped().transposed();
      case 7 -> stored.mirrored().flipped().transposed();
      case 8 -> stored.mirrored().transposed();
      default -> stored;
    };
  }
}

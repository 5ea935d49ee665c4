package dev.octavo.cli;

import dev.octavo.OctavoException;
import dev.octavo.image.DecodeLimits;
import picocli.CommandLine.Option;

/** Limits on single images, for commands that decode what users bring; used as a {@code @Mixin}. */
final class DecodeLimitsOptions {
  @Option(
      names = "--max-pixels",
      paramLabel = "N",
      converter = Converters.PositiveLong.class,
      description = "Images with more pixels are not decoded but reported (89478485).")
  private Long maxPixels;

  @Option(
      names = "--max-bytes",
      paramLabel = "N",
      converter = Converters.PositiveLong.class,
      description = "Larger files are not read but reported (67108864).")
  private Long maxBytes;

  /** The limits, by default {@link DecodeLimits#DEFAULT}. */
  DecodeLimits value() {
    try {
      return new DecodeLimits(
          maxPixels == null ? DecodeLimits.DEFAULT.maxPixels() : maxPixels,
          maxBytes == null ? DecodeLimits.DEFAULT.maxBytes() : maxBytes);
    } catch (IllegalArgumentException e) {
      throw new OctavoException.Usage(e.getMessage());
    }
  }
}

package dev.octavo.cli;

import dev.octavo.image.codec.DecodeLimits;
import picocli.CommandLine.Option;

/** Limits on single images, for commands that decode what users bring; used as a {@code @Mixin}. */
final class DecodeLimitsOptions {
  @Option(
      names = "--max-pixels",
      paramLabel = "N",
      converter = Converters.PositiveLong.class,
      defaultValue = "" + DecodeLimits.DEFAULT_MAX_PIXELS,
      description = "Images with more pixels are not decoded but reported (${DEFAULT-VALUE}).")
  private long maxPixels;

  @Option(
      names = "--max-bytes",
      paramLabel = "N",
      converter = Converters.PositiveLong.class,
      defaultValue = "" + DecodeLimits.DEFAULT_MAX_BYTES,
      description = "Larger files are not read but reported (${DEFAULT-VALUE}).")
  private long maxBytes;

  /** The limits, by default {@link DecodeLimits#DEFAULT}. */
  DecodeLimits value() {
    return new DecodeLimits(maxPixels, maxBytes);
  }
}

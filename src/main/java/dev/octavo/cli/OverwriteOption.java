package dev.octavo.cli;

import dev.octavo.artifact.Destination;
import picocli.CommandLine.Option;

/** {@code --overwrite}, for commands that write an artifact; used as a {@code @Mixin}. */
final class OverwriteOption {
  @Option(
      names = "--overwrite",
      description = "Replace the artifact at --out, once the new one is complete.")
  private boolean overwrite;

  /** The treatment of an artifact that exists at {@code --out}. */
  Destination.IfExists ifExists() {
    return overwrite ? Destination.IfExists.REPLACE : Destination.IfExists.FAIL;
  }
}

package dev.octavo.cli;

import dev.octavo.artifact.Platform;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class VersionProvider implements IVersionProvider {
  @Override
  public String[] getVersion() {
    Platform platform = Platform.current();
    return new String[] {
      "Octavo %s (Spark %s, Java %s, %s)"
          .formatted(platform.octavo(), platform.spark(), platform.java(), platform.os())
    };
  }
}

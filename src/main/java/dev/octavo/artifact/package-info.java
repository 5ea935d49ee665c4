/**
 * Artifacts: directories on a Hadoop file system that appear whole or not at all, each with a
 * {@code manifest.json} that names its parents by hash, its settings, its figures, and the versions
 * and platform that made it.
 */
package dev.octavo.artifact;

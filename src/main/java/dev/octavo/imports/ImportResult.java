package dev.octavo.imports;

import dev.octavo.network.Network;
import dev.octavo.weights.ImportReport;
import org.apache.hadoop.fs.Path;

/**
 * The outcome of an import.
 *
 * @param model the bundle
 * @param network its architecture
 * @param report what was taken from the file
 */
public record ImportResult(Path model, Network network, ImportReport report) {}

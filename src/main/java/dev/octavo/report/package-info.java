/**
 * One self-contained HTML page about a run of {@code score}: {@link dev.octavo.report.Report} reads
 * a scores artifact, and what of its models' bundles is still in place, and writes the page. Needs
 * no Spark session.
 *
 * <p>{@code ReportInputs} reads, {@code Page} puts the sections together, {@code LineChart} and
 * {@code Bars} draw SVG, {@code Html} escapes. Whatever comes from outside (names of classes,
 * models, hosts, settings) goes through {@code Html.text}.
 */
package dev.octavo.report;

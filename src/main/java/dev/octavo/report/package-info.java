/**
 * One self-contained HTML page about a run of {@code score}: {@link dev.octavo.report.Report} reads
 * a scores artifact, and what of its models' bundles and images is still in place, and writes the
 * page. Needs no Spark session.
 *
 * <p>{@code ReportInputs} reads, {@code Predictions} sums up what the models answered, and each
 * {@code Section} is data in and HTML out; {@code Page} puts them together. {@code Table}, {@code
 * LineChart}, {@code Bars}, {@code Matrix} and {@code Gallery} draw; each carries its data as CSV
 * to save. Whatever comes from outside (names of classes, models, hosts, settings) goes through
 * {@code Html.text}. The page says everything without JavaScript; the script sorts, reads the
 * matrix and lists the images of a cell.
 */
package dev.octavo.report;

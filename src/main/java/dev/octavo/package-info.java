/**
 * Octavo turns a folder of labelled images into a fine-tuned ResNet and its int8 twin, and scores
 * image folders of any size with both, on Apache Spark.
 *
 * <p>Each stage is one package with one entry class ({@code Ingest}, {@code Train}, {@code
 * Quantize}, {@code Score}, {@code Report}); stages never call each other and meet only in
 * artifacts on a Hadoop file system. Dependencies point one way: {@code cli} to a stage to
 * everything else.
 */
package dev.octavo;

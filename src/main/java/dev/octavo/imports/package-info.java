/**
 * The job {@code import}: weights that were trained elsewhere become a model bundle, without
 * training and without Spark. (The package can't have the job's name, which is a word of Java's.)
 */
package dev.octavo.imports;

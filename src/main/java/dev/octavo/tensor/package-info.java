/**
 * Tensors in memory and state dicts of them: what files of weights are read into, and what networks
 * and programs are made of. Nothing here knows a file format, Spark or DJL.
 */
package dev.octavo.tensor;

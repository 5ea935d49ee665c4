/**
 * The only place that talks to DJL: loading a TorchScript program, running its methods on host
 * tensors, threads, CPU features.
 */
package dev.octavo.engine;

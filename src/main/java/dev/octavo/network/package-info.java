/**
 * Architectures as data: a network is a list of nodes in execution order, with torchvision's names
 * for what has weights. Each program (portable, train, fused, int8) is one emitter over this
 * description, so a new network is one more description.
 */
package dev.octavo.network;

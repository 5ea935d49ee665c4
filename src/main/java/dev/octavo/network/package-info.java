/**
 * Architectures as data: a network is a list of nodes in execution order, with torchvision's names
 * for what has weights. Each program (portable, train, fused, int8) is one emitter over this
 * description, so a new network of known nodes is one more description in {@link
 * dev.octavo.network.Architectures}. A new node is one more case of {@link
 * dev.octavo.network.NodeVisitor}, without which no emitter compiles.
 */
package dev.octavo.network;

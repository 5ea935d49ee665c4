/**
 * The stage {@code bench}: milliseconds per image on this machine, for every precision of the
 * bundles it is given, each CPU level in a process of its own.
 */
package dev.octavo.bench;

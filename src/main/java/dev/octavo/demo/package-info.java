/**
 * The images of the demo: a small set in the shape of MIT Indoor-67, with its class names, its
 * lists and its quirks, painted by a program from a seed. {@link dev.octavo.demo.DemoImages} writes
 * the set; {@code dev.octavo.cli.DemoCommand} runs all jobs over it.
 */
package dev.octavo.demo;

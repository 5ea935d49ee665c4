/**
 * The command line: {@link dev.octavo.cli.Octavo} and one command per job.
 *
 * <p>A command parses and checks its options, gets its session from {@code OctavoSession}, runs one
 * stage and prints the result; it holds no logic of its own. To add one, write a class annotated
 * with {@code @Command(name, description)} that implements {@code Callable<Integer>} and name it in
 * {@link dev.octavo.cli.Octavo}'s list of subcommands: {@code --help}, {@code --config}, {@code
 * --stacktrace}, the exit codes, the suggestions and the printing of failures come with it.
 * Commands leave the session open, so that the demo can run several on one; {@code Octavo} stops
 * it.
 */
package dev.octavo.cli;

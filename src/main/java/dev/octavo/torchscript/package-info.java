/**
 * PyTorch's file formats, read and written: pickles, the zip archives of {@code torch.save} and
 * {@code torch.jit.save}, the format before PyTorch 1.6, and the source text of TorchScript
 * modules.
 *
 * <p>Files come from strangers, and a pickle is a program. {@code PickleReader} runs it on a
 * machine that can make data and nothing else: {@code PickleGlobals} is the whole list of what a
 * pickle may name. Sizes that a file claims are held against the file before memory is taken for
 * them, and a file that breaks its format's rules is refused, not repaired.
 */
package dev.octavo.torchscript;

/**
 * Model bundles: a program with what is needed to use it, as {@code train} and {@code quantize}
 * write them.
 *
 * <p>An {@link dev.octavo.bundle.ImageClassifier} is what images are scored with: a bundle, or an
 * ONNX file in its place.
 *
 * <p>A bundle is a directory with {@code model.pt} (the portable or the int8 program), {@code
 * synset.txt} (class names, one a line, in the order of the logits), {@code serving.properties} (so
 * that DJL's own image classification runs it as it stands), {@code manifest.json} and, after
 * training, {@code history.csv}.
 */
package dev.octavo.bundle;

/**
 * From an image to the square of 8-bit RGB pixels that a network takes, without Spark and without
 * files. {@link dev.octavo.image.Preprocess} resizes and crops decoded pixels, for training as an
 * {@link dev.octavo.image.augment.Augmentation} says. {@link dev.octavo.image.SquareDecoder}
 * decodes and preprocesses at once for scoring, at a reduced size where a JPEG allows that.
 */
package dev.octavo.image;

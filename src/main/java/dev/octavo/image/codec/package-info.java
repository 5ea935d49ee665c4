/**
 * From a file's bytes to upright RGB pixels: {@link dev.octavo.image.codec.ImageDecoder}.
 *
 * <p>Three rules hold throughout. The format is what the first bytes say, never what the file's
 * name says. Limits are checked on the header, before a pixel is allocated. A file either decodes
 * whole or is refused with an {@link dev.octavo.image.codec.UndecodableImageException} that says
 * why: an image whose lower half is grey because the download broke off is not a training example.
 *
 * <p>The headers are read here, in Java, because limits, completeness and orientation must be known
 * before native code sees the file. It is given no more than was checked: of a PNG the chunks with
 * pixels, of a TIFF a directory that is rewritten. A file is whole if its data covers all rows,
 * whatever stands at its end; where an end marker is missing, the image comes with a warning. The
 * pixels come from OpenCV, except those of GIF, of bitmaps with bit fields, and of TIFFs that
 * aren't JPEG inside, which are decoded here, and faxes, which the JDK decodes.
 */
package dev.octavo.image.codec;

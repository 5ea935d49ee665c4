/**
 * Random changes of training images: flips, crops, colour jitter, and the operations of RandAugment
 * and TrivialAugment, as torchvision and Pillow compute them. All of it is a function of the seed
 * of a sample.
 */
package dev.octavo.image.augment;

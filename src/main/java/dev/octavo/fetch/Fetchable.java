package dev.octavo.fetch;

/** The names of what can be fetched. */
public enum Fetchable {
  /** The images and lists of MIT Indoor-67. */
  INDOOR67,
  /** ImageNet weights of ResNet-50, as torchvision publishes them. */
  RESNET50_WEIGHTS
}

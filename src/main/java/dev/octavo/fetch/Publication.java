package dev.octavo.fetch;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The files of what can be fetched.
 *
 * @param files taken as they are
 * @param archive of images, of which {@code files} are the train and the test list
 * @param terms under which they may be used, with the page that says so
 */
record Publication(List<RemoteFile> files, Optional<RemoteFile> archive, String terms) {
  private static final Pattern ARCHIVE_NAME =
      Pattern.compile("\\w[\\w.-]*\\.(tar|tar\\.gz|tgz|zip)");

  private static final String LISTS = "https://web.mit.edu/torralba/www/";

  /**
   * Sizes and hashes of the lists are those of the files that their page links. Its authors publish
   * none for the archive: the SHA-1 is the one that vipy's loader of the dataset requires, the size
   * what servers said.
   */
  private static final Publication INDOOR67 =
      new Publication(
          List.of(
              new RemoteFile(
                  "TrainImages.txt",
                  LISTS + "TrainImages.txt",
                  172_080,
                  Checksum.sha256(
                      "7ec85f88735739d8159061e4bcf6a9765aab8606ab444605b3f8e0641be0260e")),
              new RemoteFile(
                  "TestImages.txt",
                  LISTS + "TestImages.txt",
                  43_475,
                  Checksum.sha256(
                      "906c529a5a0918feec371de5b07a465ddb1f15ebaebc90a33cc321c371133bf1"))),
          Optional.of(
              new RemoteFile(
                  "indoorCVPR_09.tar",
                  "http://groups.csail.mit.edu/vision/LabelMe/NewImages/indoorCVPR_09.tar",
                  2_592_010_240L,
                  Checksum.sha1("0b252516e746ba428b96af408d2e8162d9b08ac5"))),
          "The images keep the rights of their owners; their page offers them for research only:"
              + " https://web.mit.edu/torralba/www/indoor.html");

  /**
   * {@code ResNet50_Weights.IMAGENET1K_V2} of torchvision 0.12 and later. PyTorch puts the first
   * eight digits of a file's SHA-256 into its name.
   */
  private static final Publication RESNET50_WEIGHTS =
      new Publication(
          List.of(
              new RemoteFile(
                  "resnet50-11ad3fa6.pth",
                  "https://download.pytorch.org/models/resnet50-11ad3fa6.pth",
                  102_540_417,
                  Checksum.sha256(
                      "11ad3fa62ca79e40addfd354a8ec4b7c75143b3038b8d2a807fbc68deab379ca"))),
          Optional.empty(),
          "torchvision is under the BSD 3-Clause licence; its weights were trained on ImageNet,"
              + " whose terms of access may bind you, too:"
              + " https://github.com/pytorch/vision#pre-trained-model-license");

  static Publication of(Fetchable what) {
    return switch (what) {
      case INDOOR67 -> INDOOR67;
      case RESNET50_WEIGHTS -> RESNET50_WEIGHTS;
    };
  }

  /**
   * The same from another place.
   *
   * @param url of a folder, ending in a slash, which has all the files under their names; or of one
   *     file: the archive, packed in whatever way, or else the only file
   */
  Publication from(URI url) {
    if (url.getPath().endsWith("/")) {
      return new Publication(
          files.stream().map(file -> file.at(url.resolve(file.name()))).toList(),
          archive.map(file -> file.at(url.resolve(file.name()))),
          terms);
    }
    if (archive.isPresent()) {
      return new Publication(
          files, archive.map(file -> RemoteFile.unknown(name(url, file.name()), url)), terms);
    }
    return new Publication(List.of(files.get(0).at(url)), archive, terms);
  }

  /** The name that a URL ends with, where that is an archive's. */
  private static String name(URI url, String otherwise) {
    String last = url.getPath().substring(url.getPath().lastIndexOf('/') + 1);
    return ARCHIVE_NAME.matcher(last).matches() ? last : otherwise;
  }
}

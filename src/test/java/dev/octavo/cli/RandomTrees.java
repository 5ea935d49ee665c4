package dev.octavo.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.octavo.inference.TinyModel;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/**
 * Random folder trees with odd names, links and special files, through {@code jobs/ingest} and
 * {@code jobs/score}: every file must be a row, be in quarantine, or be counted as skipped. As in
 * {@code .ci/measure dev.octavo.cli.RandomTrees 1 30}; arguments: the first seed, which replays its
 * tree, and the number of trees. Each goes through both jobs in a UTF-8 locale, in the POSIX
 * locale, and from an HDFS, which holds what it can.
 */
public final class RandomTrees {
  private static final List<String> NAMES =
      List.of(
          "kitchen",
          "bath room",
          " lead",
          "trail ",
          "caf\u00e9",
          "cafe\u0301",
          "\u53a8\u623f",
          "\ud83d\ude00",
          "a:b",
          "12:30:00",
          "[x]",
          "{a,b}",
          "a,b",
          "50%",
          "%20",
          "#1",
          "what?",
          "*",
          "'quoted'",
          "\"double\"",
          "_SUCCESS",
          "_x",
          "-rf",
          "a\nb",
          "tab\there",
          "back\\slash",
          "x=1",
          "a;b",
          "$HOME",
          "`id`",
          "..x",
          "part-00000",
          "~",
          "a&b",
          "<b>",
          "n".repeat(200),
          "\u202eevil",
          "\u001b[31m",
          "manifest.json",
          "CON",
          "a.b.c",
          "+",
          "@");
  private static final List<String> IGNORED =
      List.of(".hidden", ".DS_Store", "@eaDir", "__MACOSX", "Thumbs.db", "desktop.ini");
  private static final Pattern SKIPPED = Pattern.compile(": skipped ([0-9]+) ");

  private final Random random;
  private final Path outside;
  private final byte[] jpeg;

  /** Files, special files and links to nothing below the root, and links to folders in it. */
  private long entries;

  private RandomTrees(long seed, Path outside) throws IOException {
    this.random = new Random(seed);
    this.outside = outside;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB), "jpeg", bytes);
    this.jpeg = bytes.toByteArray();
  }

  /** Makes trees, runs the jobs and prints a line for each run. */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (!"UTF-8".equals(System.getProperty("sun.jnu.encoding"))) {
      throw new IllegalStateException("the names of files need LC_ALL=C.UTF-8");
    }
    long first = Long.parseLong(args[0]);
    int faults = 0;
    int runs = 0;
    Path work = Files.createTempDirectory("octavo-trees-");
    org.apache.hadoop.fs.Path model = new org.apache.hadoop.fs.Path(work.resolve("tiny").toUri());
    TinyModel.publish(model, List.of("a", "b"), 5);
    Configuration conf = new Configuration();
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, work.resolve("hdfs").toString());
    try (MiniDFSCluster hdfs = new MiniDFSCluster.Builder(conf).numDataNodes(1).build()) {
      for (long seed = first; seed < first + Long.parseLong(args[1]); seed++) {
        Path directory = Files.createDirectory(work.resolve("tree" + seed));
        RandomTrees tree =
            new RandomTrees(seed, Files.createDirectory(directory.resolve("outside")));
        Path root = Files.createDirectory(directory.resolve("images"));
        tree.fill(root);
        long copied = copy(root.toFile(), hdfs.getFileSystem(), "/tree" + seed);
        String remote = hdfs.getFileSystem().getUri() + "/tree" + seed;
        for (String locale : List.of("C.UTF-8", "POSIX")) {
          faults += run(seed, tree.entries, root.toString(), locale, directory, model.toString());
        }
        faults += run(seed, copied, remote, "C.UTF-8", directory, model.toString());
        runs += 6;
        FileUtil.fullyDelete(directory.toFile());
      }
    }
    FileUtil.fullyDelete(work.toFile());
    System.out.printf("%d runs, %d faults%n", runs, faults);
    System.exit(faults == 0 ? 0 : 1);
  }

  private void fill(Path root) throws IOException, InterruptedException {
    List<Path> folders = new ArrayList<>(List.of(root));
    Path always = Files.createDirectory(root.resolve("class"));
    put(always.resolve("1.jpg"), jpeg);
    folders.add(always);
    int steps = 5 + random.nextInt(60);
    for (int i = 0; i < steps; i++) {
      Path folder = folders.get(random.nextInt(folders.size()));
      String name = pick(random.nextInt(6) == 0 ? IGNORED : NAMES);
      Path path = folder.resolve(random.nextInt(3) == 0 ? name : name + i);
      if (Files.exists(path, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
        continue;
      }
      switch (random.nextInt(14)) {
        case 0, 1, 2, 3 -> {
          if (path.toString().length() < 1_000) {
            folders.add(Files.createDirectory(path));
          }
        }
        case 4, 5, 6 -> put(folder.resolve(path.getFileName() + ".jpg"), jpeg);
        case 7 -> put(path, Arrays.copyOf(jpeg, random.nextInt(jpeg.length)));
        case 8 -> put(path, "no image".getBytes(StandardCharsets.UTF_8));
        case 9 -> link(path, Path.of("/nonexistent/" + i));
        case 10 -> link(path, folders.get(random.nextInt(folders.size())));
        case 11 -> linkOutside(path, i);
        case 12 -> shell("mkfifo -- \"$0\"", path.toString());
        default ->
            shell(
                "printf x > \"$(printf '%s/\\351\\377" + i + ".jpg' \"$0\")\"", folder.toString());
      }
    }
  }

  private void put(Path file, byte[] bytes) throws IOException {
    if (!Files.exists(file)) {
      Files.write(file, bytes);
      entries++;
    }
  }

  private void link(Path link, Path target) throws IOException {
    Files.createSymbolicLink(link, target);
    entries++;
  }

  /** Links to a folder of two files, which counts as these. */
  private void linkOutside(Path link, int number) throws IOException {
    Path target = Files.createDirectory(outside.resolve("o" + number));
    Files.write(target.resolve("1.jpg"), jpeg);
    Files.write(target.resolve("2.txt"), new byte[3]);
    Files.createSymbolicLink(link, target);
    entries += 2;
  }

  private void shell(String command, String argument) throws IOException, InterruptedException {
    if (new ProcessBuilder("sh", "-c", command, argument).start().waitFor() != 0) {
      throw new IOException("%s %s failed".formatted(command, argument));
    }
    entries++;
  }

  private String pick(List<String> from) {
    return from.get(random.nextInt(from.size()));
  }

  /** Copies real files in real folders whose names HDFS takes, and counts them. */
  private static long copy(File folder, FileSystem fs, String target) throws IOException {
    long copied = 0;
    File[] found = folder.listFiles();
    for (File file : found == null ? new File[0] : found) {
      String name = file.getName();
      if (name.contains(":") || Files.isSymbolicLink(file.toPath()) || name.contains("\ufffd")) {
        continue;
      }
      if (file.isDirectory()) {
        copied += copy(file, fs, target + "/" + name);
      } else if (file.isFile()) {
        byte[] bytes = Files.readAllBytes(file.toPath());
        var path =
            new org.apache.hadoop.fs.Path("hdfs", fs.getUri().getAuthority(), target + "/" + name);
        try (var out = fs.create(path)) {
          out.write(bytes);
        }
        copied++;
      }
    }
    return copied;
  }

  private static int run(
      long seed, long entries, String images, String locale, Path directory, String model)
      throws IOException, InterruptedException {
    int faults = 0;
    Path out = directory.resolve("out");
    for (List<String> job :
        List.of(
            List.of("ingest", "--images", images, "--layout", "classes"),
            List.of("score", "--images", images, "--model", model))) {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("octavo.dist"), "../../jobs", job.get(0)).toString());
      command.addAll(job.subList(1, job.size()));
      command.addAll(List.of("--out", out.toString()));
      Path log = directory.resolve("log");
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.redirectOutput(log.toFile());
      builder
          .environment()
          .keySet()
          .removeIf(name -> name.startsWith("LC_") || name.equals("LANG"));
      builder.environment().remove("SPARK_HOME");
      builder.environment().put("LC_ALL", locale);
      int exit = builder.start().waitFor();
      String text = Files.readString(log);
      Path manifest = out.resolve("manifest.json");
      String told;
      boolean right = false;
      if (exit == 0 && Files.exists(manifest)) {
        JsonNode figures = new ObjectMapper().readTree(manifest.toFile()).get("figures");
        boolean ingest = job.get(0).equals("ingest");
        long seen = figures.get(ingest ? "filesSeen" : "inputs").asLong();
        long skipped = 0;
        if (ingest) {
          for (JsonNode count : figures.get("skipped")) {
            skipped += count.asLong();
          }
        } else {
          Matcher matcher = SKIPPED.matcher(text);
          while (matcher.find()) {
            skipped += Long.parseLong(matcher.group(1));
          }
        }
        right = seen + skipped == entries;
        told = "%d seen, %d skipped".formatted(seen, skipped);
      } else {
        told = "exit code %d%n%s".formatted(exit, text);
      }
      System.out.printf(
          "seed %d, %s of %s, %s: %d files, %s: %s%n",
          seed,
          job.get(0),
          images.startsWith("hdfs:") ? "HDFS" : "local files",
          locale,
          entries,
          told,
          right ? "right" : "FAULT");
      faults += right ? 0 : 1;
      FileUtil.fullyDelete(out.toFile());
    }
    return faults;
  }
}

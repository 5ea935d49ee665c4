package dev.octavo.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.octavo.inference.TinyModel;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/**
 * Random folder trees with odd names, links and special files, through {@code ingest} and {@code
 * score}: every file must be a row or an error, be in quarantine, or be counted as skipped. As in
 * {@code .ci/measure dev.octavo.cli.RandomTrees 1 30}; arguments: the first seed, which replays its
 * tree, and the number of trees. Each goes through both jobs on local files and on an HDFS, which
 * holds what it can, in a JVM that knows UTF-8 and in one that knows ASCII alone.
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
    System.setProperty("spark.master", "local[2]");
    if (args[0].equals("in")) {
      System.exit(all(Path.of(args[1])));
    }
    if (!"UTF-8".equals(System.getProperty("sun.jnu.encoding"))) {
      throw new IllegalStateException("the names of files need LC_ALL=C.UTF-8");
    }
    long first = Long.parseLong(args[0]);
    long end = first + Long.parseLong(args[1]);
    Path work = Files.createTempDirectory("octavo-trees-");
    var model = new org.apache.hadoop.fs.Path(work.resolve("tiny").toUri().toString());
    TinyModel.publish(model, List.of("a", "b"), 5);
    Configuration conf = new Configuration();
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, work.resolve("hdfs").toString());
    int faults;
    try (MiniDFSCluster hdfs = new MiniDFSCluster.Builder(conf).numDataNodes(1).build()) {
      List<String> trees = new ArrayList<>();
      for (long seed = first; seed < end; seed++) {
        Path directory = Files.createDirectory(work.resolve("tree" + seed));
        RandomTrees tree =
            new RandomTrees(seed, Files.createDirectory(directory.resolve("outside")));
        Path root = Files.createDirectory(directory.resolve("images"));
        tree.fill(root);
        long copied = copy(root.toFile(), hdfs.getFileSystem(), "/tree" + seed);
        trees.add(tree.entries + " " + root);
        trees.add(copied + " " + hdfs.getFileSystem().getUri() + "/tree" + seed);
      }
      Files.write(work.resolve("trees"), trees);
      faults = all(work);
      faults += inPosix(work);
    }
    FileUtil.fullyDelete(work.toFile());
    System.out.printf("%d trees, %d faults%n", end - first, faults);
    System.exit(faults == 0 ? 0 : 1);
  }

  /** Runs the jobs on all trees once more in a JVM whose locale knows ASCII alone. */
  private static int inPosix(Path work) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(RandomTrees.class.getName(), "in", work.toString()));
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().keySet().removeIf(name -> name.matches("LC_.*|LANG"));
    builder.environment().put("LC_ALL", "POSIX");
    return builder.start().waitFor();
  }

  /** Returns the number of faults. */
  private static int all(Path work) throws IOException {
    int faults = 0;
    for (String tree : Files.readAllLines(work.resolve("trees"))) {
      String[] words = tree.split(" ", 2);
      faults += run(Long.parseLong(words[0]), words[1], work);
    }
    return faults;
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

  private static int run(long entries, String images, Path work) throws IOException {
    int faults = 0;
    String out = work.resolve("out").toString();
    for (String job : List.of("ingest", "score")) {
      List<String> command = new ArrayList<>(List.of(job, "--images", images, "--out", out));
      command.addAll(
          job.equals("ingest")
              ? List.of("--layout", "classes")
              : List.of("--model", work.resolve("tiny").toString()));
      if (images.startsWith("hdfs:")) {
        // Beside the images, as a cluster would have it.
        command.set(4, images + "-out");
      }
      ByteArrayOutputStream printed = new ByteArrayOutputStream();
      PrintStream console = new PrintStream(printed, true, StandardCharsets.UTF_8);
      int exit = Octavo.run(console, console, command.toArray(String[]::new));
      var path = new org.apache.hadoop.fs.Path(command.get(4));
      FileSystem fs = path.getFileSystem(new Configuration());
      String told = "exit code %d: %s".formatted(exit, printed.toString(StandardCharsets.UTF_8));
      boolean right = false;
      if (exit == 0) {
        try (var in = fs.open(new org.apache.hadoop.fs.Path(path, "manifest.json"))) {
          JsonNode figures = new ObjectMapper().readTree((java.io.InputStream) in).get("figures");
          long seen = figures.get(job.equals("ingest") ? "filesSeen" : "inputs").asLong();
          long accounted =
              job.equals("ingest")
                  ? figures.get("rows").asLong() + figures.get("quarantined").asLong()
                  : seen;
          long skipped = 0;
          for (JsonNode count : figures.get("skipped")) {
            skipped += count.asLong();
          }
          right = accounted == seen && seen + skipped == entries;
          told = "%d rows and errors, %d skipped".formatted(accounted, skipped);
        }
        fs.delete(path, true);
      }
      System.out.printf(
          "%s in %s, %s: %d files, %s: %s%n",
          job,
          images,
          System.getProperty("sun.jnu.encoding"),
          entries,
          told,
          right ? "right" : "FAULT");
      faults += right ? 0 : 1;
    }
    return faults;
  }
}

package dev.octavo.report;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page as a reader meets it, in Chromium; skipped where none is installed. */
class PageInBrowserTest {
  private static final List<Integer> WIDTHS = List.of(320, 360, 600, 768, 1024, 1025, 1440);
  private static final String DEMO = "demo";
  private static final String ENTER = "\uE007";
  private static final String RIGHT = "\uE014";
  private static final String DOWN = "\uE015";

  @TempDir private static Path work;
  private static Browser browser;
  private static final Map<String, Path> PAGES = new TreeMap<>();

  @BeforeAll
  static void makePagesAndStart() throws IOException, InterruptedException {
    assumeTrue(
        Browser.find().isPresent(),
        "chromium and chromedriver are not installed (Debian: apt-get install chromium chromium-driver)");
    PageData data = new PageData(work);
    PAGES.put(DEMO, Path.of(PageData.sharedDemo().out().toUri()));
    PAGES.put("unlabelled", write(data.unlabelled(100_000)));
    PAGES.put("errors", write(data.errorsOnly(500)));
    browser = Browser.start(Files.createDirectory(work.resolve("profile")));
  }

  private static Path write(ReportSettings settings) throws IOException {
    return Path.of(new Report(new Configuration(), settings).execute().out().toUri());
  }

  @AfterAll
  static void stop() throws IOException {
    if (browser != null) {
      browser.close();
    }
  }

  private static void show(String page, int width, String scheme) throws IOException {
    browser.resize(width, 900);
    browser.emulate("screen", scheme);
    browser.open(PAGES.get(page));
  }

  private static Stream<String> pages() {
    return PAGES.keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void theConsoleStaysSilent(String page) throws IOException {
    browser.console();
    show(page, 1440, "light");
    assertThat(browser.console()).isEmpty();
  }

  @Test
  void everySectionIsThereAndTheContentsLeadToIt() throws IOException {
    show(DEMO, 1440, "light");
    assertThat(texts("main h2"))
        .containsExactly(
            "The verdict",
            "Runs compared",
            "Data drift",
            "Where it errs",
            "How sure it is",
            "What quantization did",
            "Training",
            "Throughput",
            "Provenance");
    assertThat(texts("nav a")).isEqualTo(texts("main h2"));
    assertThat(
            browser
                .run(
                    "return [...document.querySelectorAll('nav a')].every(a => document.querySelector(a.hash))")
                .asBoolean())
        .isTrue();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void noPageIsEmptyOrLarge(String page) throws IOException {
    show(page, 1440, "light");
    assertThat(texts("p.verdict")).isNotEmpty().noneMatch(String::isBlank);
    assertThat(texts("main h2")).contains("The verdict", "Throughput", "Provenance");
    assertThat(Files.size(PAGES.get(page))).isLessThan(3_000_000);
  }

  /**
   * A chart that is wider than the screen is scrolled within its own frame; tables fit from 360.
   */
  @ParameterizedTest
  @MethodSource("pages")
  void nothingIsCutOff(String page) throws IOException {
    for (int width : WIDTHS) {
      show(page, width, "light");
      openDetails();
      assertThat(
              strings(
                  """
                  const out = [];
                  if (document.documentElement.scrollWidth > window.innerWidth) { out.push("the page"); }
                  for (const e of document.querySelectorAll("main *, header *, nav *")) {
                    const frame = e.closest(".scroll");
                    const box = e.getBoundingClientRect();
                    if (box.width && (!frame || e === frame) && (box.right > window.innerWidth + 1 || box.left < -1)) {
                      out.push(e.outerHTML.slice(0, 120));
                    }
                  }
                  for (const frame of document.querySelectorAll(".scroll:has(table)")) {
                    if (window.innerWidth >= 360 && frame.scrollWidth > frame.clientWidth + 1) {
                      out.push(frame.ariaLabel);
                    }
                  }
                  return out;
                  """))
          .as("%s at %d pixels", page, width)
          .isEmpty();
    }
  }

  /** On paper nothing can be scrolled: an A4 page less its margins is 703 CSS pixels wide. */
  @ParameterizedTest
  @MethodSource("pages")
  void nothingIsCutOffInPrint(String page) throws IOException {
    show(page, 703, "light");
    browser.emulate("print", "light");
    openDetails();
    assertThat(
            strings(
                """
                return [...document.querySelectorAll("main *")]
                  .filter(e => e.getBoundingClientRect().right > 704)
                  .map(e => e.outerHTML.slice(0, 120));
                """))
        .isEmpty();
  }

  @ParameterizedTest
  @MethodSource("pages")
  void isAccessible(String page) throws IOException {
    String axe = axe();
    for (Map.Entry<String, Integer> look : Map.of("light", 1440, "dark", 360).entrySet()) {
      show(page, look.getValue(), look.getKey());
      openDetails();
      // Lines of a table are alike, and so are cells and images: axe-core takes minutes for all.
      browser.run(
          """
          for (const few of document.querySelectorAll("tbody, ul.gallery")) {
            [...few.children].slice(12).forEach(line => line.remove());
          }
          document.querySelectorAll("rect.cell").forEach((cell, i) => { if (i > 60) { cell.remove(); } });
          """);
      browser.run(axe);
      JsonNode violations =
          browser.run(
              """
              return axe.run(document, { resultTypes: ["violations"], runOnly:
                  ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
                .then(result => result.violations.map(v =>
                  v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(" | ")));
              """);
      assertThat(violations).as("%s, %s", page, look).isEmpty();
    }
  }

  private static String axe() throws IOException {
    try (InputStream in =
        PageInBrowserTest.class.getClassLoader().getResourceAsStream("axe.min.js")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aClickInTheHeadSortsATable() throws IOException {
    show(DEMO, 1440, "light");
    String table = "[aria-label='Recall and precision by class'] table";
    List<String> names = texts(table + " tbody th");
    browser.click(table + " th:nth-child(3) button");
    List<Double> ascending = numbers(table + " tbody td:nth-child(3)");
    assertThat(ascending).hasSameSizeAs(names).isSorted();
    assertThat(attribute(table + " th:nth-child(3)", "aria-sort")).isEqualTo("ascending");
    browser.press(ENTER);
    assertThat(attribute(table + " th:nth-child(3)", "aria-sort")).isEqualTo("descending");
    List<Double> descending = numbers(table + " tbody td:nth-child(3)");
    assertThat(descending).isSortedAccordingTo((a, b) -> Double.compare(b, a));
    browser.click(table + " th:nth-child(1) button");
    assertThat(texts(table + " tbody th")).isSorted().containsExactlyInAnyOrderElementsOf(names);
  }

  @Test
  void theMatrixIsReadByPointerAndKeysAndListsTheImagesOfACell() throws IOException {
    show(DEMO, 1440, "light");
    assertThat(texts("svg.matrix text")).hasSizeGreaterThanOrEqualTo(2 * 67);
    String wrong = "svg.matrix rect.cell.s1";
    String title = texts(wrong + " title").get(0);
    browser.hover(wrong);
    assertThat(texts(".reading").get(0)).isEqualTo(title);
    browser.run("document.querySelector('svg.matrix').focus()");
    browser.press(RIGHT);
    String next = texts(".reading").get(0);
    assertThat(next).isNotEqualTo(title).containsPattern("recognised|taken for");
    browser.press(DOWN);
    assertThat(texts(".reading").get(0)).isNotEqualTo(next);

    browser.click(wrong);
    long count = Long.parseLong(title.replaceAll(".*: ([\\d,]+) of .*", "$1").replace(",", ""));
    List<String> listed =
        strings(
            "return [...document.querySelectorAll('#mistakes-float tbody tr:not([hidden])')].map(r => r.cells[1].textContent + ' taken for ' + r.cells[2].textContent)");
    assertThat(listed).hasSize((int) count).allMatch(line -> title.startsWith(line));
    browser.click("#mistakes-float button.all");
    assertThat(texts("#mistakes-float tbody tr:not([hidden]) th"))
        .hasSameSizeAs(texts("#mistakes-float tbody tr th"));
  }

  @Test
  void theGalleriesShowImagesWithTheirTexts() throws IOException {
    show(DEMO, 1440, "light");
    openDetails();
    JsonNode images =
        browser.run(
            "return [...document.querySelectorAll('.gallery img')].map(i => [i.naturalWidth, i.alt, i.closest('li').textContent])");
    assertThat(images).hasSizeGreaterThan(50);
    images.forEach(
        image -> {
          assertThat(image.get(0).asInt()).isEqualTo(Thumbnails.SIDE);
          assertThat(image.get(1).asText()).startsWith("image ");
          assertThat(image.get(2).asText()).isNotBlank();
        });
    assertThat(texts("ul.gallery[aria-label='Images in more than one split'] li"))
        .anyMatch(text -> text.contains("same file, labels differ"));
  }

  @Test
  void aDownloadBringsTheLinesOfItsTable() throws IOException, InterruptedException {
    Path folder = Files.createDirectory(work.resolve("downloads"));
    show(DEMO, 1440, "light");
    browser.devTools(
        "Browser.setDownloadBehavior",
        Map.of("behavior", "allow", "downloadPath", folder.toString()));
    Path file = folder.resolve("the-same-images-one-column-per-model.csv");
    try (WatchService changes = folder.getFileSystem().newWatchService()) {
      folder.register(changes, ENTRY_CREATE, ENTRY_MODIFY);
      browser.click("table.results caption a.csv");
      while (Files.notExists(file) || Files.size(file) == 0) {
        WatchKey change = changes.poll(30, TimeUnit.SECONDS);
        assertThat(change).as("something new in the folder of downloads").isNotNull();
        change.pollEvents();
        change.reset();
      }
    }
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(1 + texts("table.results tbody tr").size());
    assertThat(lines.get(0)).isEqualTo(",float,int8,int8-random,original fp32,original int8");
  }

  /** Also those of figures, and of all pages. */
  @ParameterizedTest
  @MethodSource("pages")
  void everyFigureAndTableHasItsData(String page) throws IOException {
    show(page, 1440, "light");
    JsonNode all =
        browser.run(
            """
            return [...document.querySelectorAll("figure, table")].map(e => {
              const link = e.querySelector("a.csv");
              return [link ? link.href.replace(/.*base64,/, "") : "", link ? link.download : "",
                      e.tBodies ? e.tBodies[0].rows.length : -1];
            });
            """);
    assertThat(all).isNotEmpty();
    List<String> names = new ArrayList<>();
    for (JsonNode each : all) {
      String csv =
          new String(Base64.getDecoder().decode(each.get(0).asText()), StandardCharsets.UTF_8);
      names.add(each.get(1).asText());
      assertThat(csv.lines().count()).as(each.get(1).asText()).isGreaterThan(1);
      if (each.get(2).asInt() >= 0) {
        assertThat(csv.lines().count() - 1).isEqualTo(each.get(2).asInt());
      }
    }
    assertThat(names).allMatch(name -> name.matches("[a-z0-9-]+\\.csv")).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(strings = {DEMO, "unlabelled"})
  void withoutJavaScriptThePageSaysTheSame(String page) throws IOException {
    show(page, 1440, "light");
    List<String> with = texts("main th, main td, main p:not(.reading)");
    browser.devTools("Emulation.setScriptExecutionDisabled", Map.of("value", true));
    try {
      browser.open(PAGES.get(page));
      assertThat(texts("main button")).isEmpty();
      assertThat(texts("main th, main td, main p:not(.reading)")).isEqualTo(with);
    } finally {
      browser.devTools("Emulation.setScriptExecutionDisabled", Map.of("value", false));
    }
  }

  private static void openDetails() throws IOException {
    browser.run("document.querySelectorAll('details').forEach(d => { d.open = true; })");
  }

  private static List<String> texts(String selector) throws IOException {
    return strings(
        "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)", selector);
  }

  private static List<Double> numbers(String selector) throws IOException {
    return texts(selector).stream()
        .map(text -> Double.parseDouble(text.replaceAll("[ %,]", "")))
        .toList();
  }

  private static String attribute(String selector, String name) throws IOException {
    return browser
        .run(
            "return document.querySelector(arguments[0]).getAttribute(arguments[1])",
            selector,
            name)
        .asText();
  }

  private static List<String> strings(String script, Object... arguments) throws IOException {
    List<String> strings = new ArrayList<>();
    browser.run(script, arguments).forEach(text -> strings.add(text.asText()));
    return strings;
  }
}

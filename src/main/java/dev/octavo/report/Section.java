package dev.octavo.report;

/** A part of the page: made of data, shown as HTML. */
interface Section {
  /** Its heading. */
  String title();

  /** Its HTML below the heading; empty if there is nothing to say. */
  String body();

  /** The whole section, which the table of contents leads to; empty without a body. */
  default String html() {
    String body = body();
    return body.isEmpty()
        ? ""
        : "<section id=\"%s\">\n<h2>%s</h2>\n%s</section>\n"
            .formatted(Html.slug(title()), Html.text(title()), body);
  }
}

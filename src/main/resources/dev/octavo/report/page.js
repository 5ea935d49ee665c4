// Sorting, reading the matrix, and open details in print. The page says everything without it.
(function () {
  "use strict";
  function value(cell) {
    var text = cell.textContent.trim();
    var number = parseFloat(text.replace(/,/g, "").replace("−", "-"));
    return { text: text, number: /^[-+−]?[\d.,]+\s*(%|×|MB|dB)?$/.test(text) ? number : NaN };
  }
  function compare(a, b) {
    var numbers = !isNaN(a.number) && !isNaN(b.number);
    return numbers ? a.number - b.number : a.text.localeCompare(b.text, "en", { numeric: true });
  }
  function sort(table, head, column) {
    var up = head.getAttribute("aria-sort") !== "ascending";
    var body = table.tBodies[0];
    Array.from(table.tHead.rows[0].cells).forEach(function (cell) { cell.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    Array.from(body.rows)
      .map(function (row) { return { row: row, key: value(row.cells[column]) }; })
      .sort(function (a, b) {
        var aMissing = a.key.text === "–", bMissing = b.key.text === "–";
        if (aMissing || bMissing) { return aMissing - bMissing; }
        return up ? compare(a.key, b.key) : compare(b.key, a.key);
      })
      .forEach(function (entry) { body.appendChild(entry.row); });
  }
  document.querySelectorAll("table.sortable").forEach(function (table) {
    Array.from(table.tHead.rows[0].cells).forEach(function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.textContent = "";
      head.appendChild(button);
      button.addEventListener("click", function () { sort(table, head, column); });
    });
  });

  // The matrix: arrows go from cell to cell that isn't 0, Enter or a click lists the images.
  function list(svg, truth, named) {
    var box = document.getElementById("mistakes-" + svg.dataset.model);
    if (!box) { return 0; }
    box.querySelector("details").open = true;
    var shown = 0;
    Array.from(box.querySelector("tbody").rows).forEach(function (row) {
      var fits = truth === null || (row.cells[1].textContent === truth && row.cells[2].textContent === named);
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    var all = box.querySelector("button.all");
    if (!all) {
      all = document.createElement("button");
      all.type = "button";
      all.className = "all";
      all.addEventListener("click", function () { list(svg, null, null); });
      box.insertBefore(all, box.firstChild);
    }
    all.hidden = truth === null;
    all.textContent = truth === null ? "" : truth + " taken for " + named + ": " + shown + " listed. Show all mistakes";
    if (truth !== null) { all.focus(); }
    return shown;
  }
  document.querySelectorAll("svg.matrix").forEach(function (svg) {
    var cells = Array.from(svg.querySelectorAll("rect.cell"));
    var reading = svg.closest("figure").querySelector(".reading");
    var current = null;
    cells.sort(function (a, b) { return a.dataset.r - b.dataset.r || a.dataset.c - b.dataset.c; });
    function show(cell) {
      if (current) { current.classList.remove("current"); }
      current = cell;
      cell.classList.add("current");
      reading.textContent = cell.querySelector("title").textContent;
    }
    function images(cell) {
      var words = cell.dataset;
      if (words.t) { list(svg, words.t, words.p); }
    }
    function next(key) {
      if (!current) { return cells[0]; }
      var r = +current.dataset.r, c = +current.dataset.c, down = key === "ArrowDown" || key === "ArrowRight" ? 1 : -1;
      var across = key === "ArrowLeft" || key === "ArrowRight";
      var line = cells.filter(function (cell) {
        return across ? +cell.dataset.r === r : +cell.dataset.c === c;
      });
      var at = line.indexOf(current) + down;
      if (at >= 0 && at < line.length) { return line[at]; }
      var all = cells.indexOf(current) + down;
      return cells[Math.max(0, Math.min(cells.length - 1, all))];
    }
    svg.addEventListener("mouseover", function (e) { if (e.target.matches("rect.cell")) { show(e.target); } });
    svg.addEventListener("click", function (e) { if (e.target.matches("rect.cell")) { show(e.target); images(e.target); } });
    svg.addEventListener("keydown", function (e) {
      if (/^Arrow/.test(e.key) && cells.length) { show(next(e.key)); e.preventDefault(); }
      if (e.key === "Enter" && current) { images(current); }
    });
  });

  var closed = [];
  window.addEventListener("beforeprint", function () {
    closed = Array.from(document.querySelectorAll("details:not([open])"));
    closed.forEach(function (d) { d.open = true; });
  });
  window.addEventListener("afterprint", function () { closed.forEach(function (d) { d.open = false; }); });
})();

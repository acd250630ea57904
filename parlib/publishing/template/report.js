// Click on the head of a column: its rows in ascending, then descending order. What is not known stays last, totals stay put.
"use strict";
(() => {
  const language = document.documentElement.lang;
  const words = new Intl.Collator(language, { numeric: true });
  const key = (row, place) => {
    const cell = row.cells[place];
    if (!cell) return null;
    const given = cell.dataset.sort;
    if (given !== undefined) return given === "" ? null : Number(given);
    return cell.textContent.trim() || null;
  };
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : words.compare(String(a), String(b));

  // The place of every head cell's column: heads may span columns and rows.
  const places = (head) => {
    const taken = [], found = new Map();
    [...head.rows].forEach((row, r) => {
      let c = 0;
      for (const cell of row.cells) {
        while (taken[r]?.[c]) c += 1;
        found.set(cell, c);
        for (let i = 0; i < cell.rowSpan; i += 1)
          for (let j = 0; j < cell.colSpan; j += 1) (taken[r + i] ??= [])[c + j] = true;
        c += cell.colSpan;
      }
    });
    return found;
  };

  // A figure that is wider than the screen is scrolled: with the keyboard too.
  for (const figure of document.querySelectorAll(".parlib-figure"))
    if (figure.scrollWidth > figure.clientWidth) figure.tabIndex = 0;

  for (const table of document.querySelectorAll("table.parlib-sortable")) {
    const body = table.tBodies[0];
    if (!body || body.rows.length < 3) continue;
    const heads = [...places(table.tHead)].filter(([cell]) => cell.scope === "col");
    for (const [head, place] of heads) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const [other] of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...body.rows].filter((row) => !row.classList.contains("parlib-total"));
        const totals = [...body.rows].filter((row) => row.classList.contains("parlib-total"));
        const keyed = rows.map((row) => [key(row, place), row]);
        keyed.sort(([a], [b]) => (a === null) - (b === null) || (a === null ? 0 : compare(a, b) * (down ? -1 : 1)));
        body.append(...keyed.map(([, row]) => row), ...totals);
      });
    }
  }
})();

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

  // The contents say where the reader is: the last heading that has passed the upper quarter of the screen.
  const nav = document.querySelector("nav.contents");
  if (nav && matchMedia("(max-width: 62rem)").matches) nav.querySelector("details").open = false; // the result first
  addEventListener("beforeprint", () => nav?.querySelector("details").setAttribute("open", ""));
  const links = nav ? [...nav.querySelectorAll("a")] : [];
  const heads = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  let current = null, waits = false;
  const follow = () => {
    waits = false;
    const line = window.innerHeight / 4;
    const atEnd = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2;
    let place = heads.findLastIndex((head) => head && head.getBoundingClientRect().top <= line);
    if (atEnd && window.scrollY > 0) place = heads.length - 1;
    const link = links[Math.max(place, 0)];
    if (link === current) return;
    current?.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    current = link;
    if (getComputedStyle(nav).position !== "sticky") return;
    const above = link.offsetTop - nav.scrollTop, spare = 3 * link.offsetHeight;
    if (above < spare) nav.scrollTop += above - spare;
    else if (above > nav.clientHeight - spare) nav.scrollTop += above - nav.clientHeight + spare;
  };
  if (links.length) {
    const ask = () => { if (!waits) { waits = true; requestAnimationFrame(follow); } };
    addEventListener("scroll", ask, { passive: true });
    addEventListener("resize", ask, { passive: true });
    follow();
  }

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

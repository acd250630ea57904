// A search without tones: of a table in which a row matches, the others are hidden; Enter goes to the first one.
(() => {
  const box = document.querySelector("input.search");
  if (!box) return;
  const bare = (text) =>
    text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replaceAll("đ", "d").replace(/\s+/g, " ");
  const name = (row) => bare((row.querySelector("th") ?? row).textContent);
  const bodies = [...document.querySelectorAll("main table")].map((table) => table.tBodies[0]).filter(Boolean);
  let first = null;
  const search = () => {
    const wanted = bare(box.value.trim());
    first = null;
    for (const body of bodies) {
      const rows = [...body.rows], matching = rows.filter((row) => wanted && name(row).includes(wanted));
      for (const row of rows) row.hidden = matching.length > 0 && !matching.includes(row);
      first ??= matching[0];
    }
    box.setAttribute("aria-invalid", String(Boolean(wanted && !first)));
  };
  box.addEventListener("input", search);
  box.form.addEventListener("submit", (event) => {
    event.preventDefault();
    first?.closest("table").scrollIntoView({ block: "start" });
  });
  box.form.hidden = bodies.length === 0;
})();

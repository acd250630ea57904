// What the page needs in the browser, one kind a widget: choosers that grey out, tabs, a type-ahead without tones, a table
// that can be clicked, the map. All numbers and words come from Python; nothing is loaded from anywhere.

const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase();

function make(tag, attributes = {}, ...inside) {
  const svg = ["svg", "path", "circle", "rect", "text", "title", "pattern", "g"].includes(tag);
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...inside);
  return made;
}

function tell(model, value) {
  model.set("value", value);
  model.save_changes();
}

// data: label, options [[value, text, known]]
function choice(model, el) {
  const { label, options } = model.get("data");
  const pick = make("select", { onchange: (event) => tell(model, event.target.value), "aria-label": label });
  for (const [value, text, known] of options)
    pick.append(make("option", { value, disabled: !known, selected: value === model.get("value") }, text));
  el.replaceChildren(make("label", { class: "pe-choice" }, make("span", {}, label), pick));
}

// data: label, options [[value, text, why not ("" where it can be chosen)]]
function tabs(model, el) {
  const { label, options } = model.get("data");
  const bar = make("div", { class: "pe-tabs", role: "tablist", "aria-label": label });
  for (const [value, text, lacks] of options) {
    const chosen = value === model.get("value");
    const onclick = () => lacks || tell(model, value);
    bar.append(make("button", { role: "tab", "aria-selected": String(chosen), "aria-disabled": String(!!lacks), title: lacks, onclick }, text));
  }
  el.replaceChildren(bar);
}

// data: label, most, hint, options [[name, other names]]; value: the names, ";" between them
function picker(model, el) {
  const { label, options, most, hint } = model.get("data");
  const held = (model.get("value") || "").split(";").filter(Boolean);
  const list = make("ul", { class: "pe-list", role: "listbox" });
  const input = make("input", { type: "text", placeholder: most > 1 || !held.length ? hint : held[0], "aria-label": label });
  const add = (name) => {
    if (!name) return;
    tell(model, (most === 1 ? [name] : [...held.filter((one) => one !== name), name].slice(-most)).join(";"));
  };
  let at = 0;
  const offer = () => {
    const typed = fold(input.value.trim());
    const begins = (text) => ` ${fold(text)}`.includes(` ${typed}`);
    const found = options.filter((texts) => typed && texts.some(begins)).slice(0, 8);
    at = Math.max(0, Math.min(at, found.length - 1));
    list.replaceChildren(...found.map(([name], place) =>
      make("li", { role: "option", "aria-selected": String(place === at), onmousedown: (event) => { event.preventDefault(); add(name); } }, name)));
    return found;
  };
  input.addEventListener("input", () => { at = 0; offer(); });
  input.addEventListener("blur", () => list.replaceChildren());
  input.addEventListener("keydown", (event) => {
    event.stopPropagation(); // Jupyter has keys of its own
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { at += event.key === "ArrowDown" ? 1 : -1; offer(); event.preventDefault(); }
    if (event.key === "Enter") { const found = offer(); add(found.length ? found[at][0] : input.value.trim()); }
    if (event.key === "Escape") list.replaceChildren();
  });
  const chips = most > 1 ? held.map((name) => make("button", { class: "pe-chip", title: "×",
    onclick: () => tell(model, held.filter((one) => one !== name).join(";")) }, `${name} ×`)) : [];
  el.replaceChildren(make("div", { class: "pe-choice" }, make("span", {}, label),
    make("span", { class: "pe-picker" }, ...chips, make("span", { class: "pe-type" }, input, list))));
}

// data: html, view; heads carry data-column, rows data-unit, fields data-code, buttons data-what. value: {what, ...}
function table(model, el) {
  el.classList.add("pe-answers");
  const { html = "", view = "" } = model.get("data");
  const held = el.contains(document.activeElement) ? document.activeElement.dataset.code : "";
  const scrolled = [...el.querySelectorAll(".pe-long")].map((part) => part.scrollTop);
  el.innerHTML = html;
  el.querySelectorAll(".pe-long").forEach((part, n) => { part.scrollTop = scrolled[n] || 0; });
  if (held) el.querySelector(`[data-code="${held}"]`)?.focus({ preventScroll: true }); // who goes on by keyboard
  el.dataset.view = view; // whose answers these are; none while they are worked out
  el.onclick = (event) => {
    const head = event.target.closest("th[data-column]"), row = event.target.closest("[data-unit]");
    const button = event.target.closest("[data-what]");
    if (button) tell(model, { ...button.dataset, n: Date.now() });
    else if (head) tell(model, { what: "sort", column: head.dataset.column, n: Date.now() });
    else if (row && !event.target.closest("select, input")) tell(model, { what: "unit", unit: row.dataset.unit, n: Date.now() });
  };
  el.onchange = (event) => {
    const { code } = event.target.dataset;
    if (code) tell(model, { what: "answer", code, answer: event.target.value, n: Date.now() });
  };
  for (const pick of el.querySelectorAll("select, input")) pick.onkeydown = (event) => event.stopPropagation();
}

// data: box [x, y, width, height], shapes [[key, path]], islands {words, unit, box, dots}; state: looks {key: [colour, hatched, words]}
function map(model, el) {
  const { box, shapes, islands, label } = model.get("data");
  if (!box) return el.replaceChildren();
  const hatch = `pe-hatch-${model.model_id || Math.random()}`.replace(/\W/g, "-");
  const svg = make("svg", { viewBox: box.join(" "), class: "pe-map", role: "img", "aria-label": label });
  const lines = make("pattern", { id: hatch, width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    make("rect", { width: 5, height: 5, fill: "#fff" }), make("path", { d: "M0 0V5", stroke: "#9aa3ab" }));
  svg.append(lines);
  const words = make("p", { class: "pe-under" });
  const put = (unit, node) => {
    node.dataset.unit = unit;
    node.onclick = () => tell(model, { what: "unit", unit, n: Date.now() });
    node.onmouseenter = () => { words.textContent = (model.get("state").looks[unit] || [])[2] || ""; };
    svg.append(node);
  };
  for (const [key, d] of shapes) put(key, make("path", { d, "fill-rule": "evenodd" }, make("title")));
  for (const { words: [name, owner], unit, box: [x, y, w, h], dots, at } of islands) {
    const group = make("g", { class: "pe-islands" }, make("title"), make("rect", { x, y, width: w, height: h, fill: "#fff", "fill-opacity": 0.01 }));
    group.append(...dots.map(([cx, cy]) => make("circle", { cx, cy, r: 2.6 })));
    group.append(make("text", { x: at[0], y: at[1] }, name), make("text", { x: at[0], y: at[1] + 15 }, `(${owner})`));
    put(unit, group);
  }
  const legend = make("div", { class: "pe-legend" });
  const paint = () => {
    const { looks = {}, legend: said = "" } = model.get("state");
    for (const node of svg.querySelectorAll("[data-unit]")) {
      const [colour, hatched, told] = looks[node.dataset.unit] || ["#fff", true, ""];
      node.style.setProperty("--look", hatched ? `url(#${hatch})` : colour);
      node.querySelector("title").textContent = told;
    }
    legend.innerHTML = said;
  };
  model.on("change:state", paint);
  paint();
  el.replaceChildren(make("div", { class: "pe-country" }, svg, make("div", {}, legend, words)));
}

const KINDS = { choice, tabs, picker, table, map };

export default {
  render({ model, el }) {
    const draw = () => KINDS[model.get("kind")](model, el);
    model.on("change:data", draw);
    if (["tabs", "picker", "choice"].includes(model.get("kind"))) model.on("change:value", draw);
    model.on("msg:custom", ({ name }, [content]) => {
      const link = make("a", { href: URL.createObjectURL(new Blob([content])), download: name });
      document.body.append(link);
      link.click();
      link.remove();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    });
    draw();
  },
};

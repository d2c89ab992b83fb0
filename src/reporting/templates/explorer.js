"use strict";
// An explorer of many rows: filters, sorting, and the sentence with its marks. Rows are drawn fifty at a time; text only ever enters as text.
async function unpack(text) {
  const bytes = Uint8Array.from(atob(text.trim()), c => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}
async function explore(section) {
  const { strings, columns, marks } = await unpack(document.getElementById(section.dataset.source).textContent);
  const count = marks.length, lower = strings.map(s => s.toLowerCase()), PAGE = 50;
  const make = (tag, properties = {}, ...children) => { const e = Object.assign(document.createElement(tag), properties); e.append(...children); return e; };
  const controls = make("div", { className: "controls" }), status = make("p", { className: "soft" }), table = make("table"), body = make("tbody");
  status.setAttribute("role", "status");
  const more = make("button", { type: "button", className: "more", textContent: "show more" });
  const collator = new Intl.Collator("en"), rank = new Map([...strings.keys()].sort((a, b) => collator.compare(strings[a], strings[b])).map((s, i) => [s, i]));
  const tests = [];
  for (const column of columns) {
    const id = section.dataset.source + "-" + column.key, label = make("label", { htmlFor: id }, column.heading);
    if (column.kind === "sentence") {
      const field = make("input", { id, type: "search" });
      label.className = "search"; label.firstChild.data = "search";
      tests.push(() => { const q = field.value.trim().toLowerCase(); if (!q) return null; const hit = lower.map(s => s.includes(q)); return i => hit[column.values[i]]; });
      label.append(field); controls.prepend(label);
    } else if (column.kind === "choice" || column.kind === "note") {
      const select = make("select", { id }, new Option("all", ""));
      const parts = new Map();  // a value may hold several, parted by commas (types of hard cases)
      for (const v of new Set(column.values)) for (const part of strings[v].split(", ")) if (part) { if (!parts.has(part)) parts.set(part, new Set()); parts.get(part).add(v); }
      [...parts.keys()].sort(collator.compare).forEach(p => select.add(new Option(p, p)));
      tests.push(() => { const wanted = parts.get(select.value); return wanted ? i => wanted.has(column.values[i]) : null; });
      if (column.key === section.dataset.preset) select.value = section.dataset.value;
      label.append(select); controls.append(label);
    } else if (column.kind === "party") {
      const field = make("input", { id, type: "search" }), list = make("datalist", { id: id + "-list" });
      const often = new Map(); for (const v of column.values) often.set(v, (often.get(v) || 0) + 1);
      [...often].sort((a, b) => b[1] - a[1]).slice(0, 300).forEach(([v]) => list.append(make("option", { value: strings[v] })));
      field.setAttribute("list", list.id);
      tests.push(() => { const q = field.value.trim().toLowerCase(); if (!q) return null; const hit = lower.map(s => s.includes(q)); return i => hit[column.values[i]]; });
      label.append(field, list); controls.append(label);
    } else if (column.kind === "number") {
      const field = make("input", { id, type: "number", min: "0", max: "1", step: "0.05", value: "0" });
      label.firstChild.data = column.heading + " at least";
      tests.push(() => { const least = parseFloat(field.value) || 0; return least > 0 ? i => column.values[i] >= least : null; });
      label.append(field); controls.append(label);
    }
  }
  const head = make("tr");
  let order = null, found = [], shown = 0;
  const drawn = columns.filter(column => column.kind !== "note"), notes = columns.filter(column => column.kind === "note");
  drawn.forEach(column => {
    const press = make("button", { type: "button" }, column.heading), cell = make("th", { scope: "col", className: column.kind === "number" ? "n" : "" }, press);
    press.addEventListener("click", () => {
      const down = cell.getAttribute("aria-sort") === "ascending";
      for (const other of head.cells) other.removeAttribute("aria-sort");
      cell.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = column.kind === "number" || column.kind === "article" ? i => column.values[i] ?? -1 : i => rank.get(column.values[i]);
      order = (a, b) => (value(a) - value(b)) * (down ? -1 : 1) || a - b;
      update();
    });
    head.append(cell);
  });
  function sentence(cell, text, spans) {
    const names = ["actor", "target", "evidence"], marked = [];
    for (let k = 0; k + 1 < spans.length; k += 2) if (spans[k] >= 0) marked.push([spans[k], spans[k + 1], names[Math.min(2, k / 2)]]);
    const cuts = [...new Set([0, text.length, ...marked.flatMap(m => [m[0], m[1]])])].sort((a, b) => a - b), box = make("bdi");
    for (let k = 0; k + 1 < cuts.length; k++) {
      const piece = text.slice(cuts[k], cuts[k + 1]), kinds = [...new Set(marked.filter(m => m[0] < cuts[k + 1] && m[1] > cuts[k]).map(m => m[2]))];
      box.append(kinds.length ? make("mark", { className: kinds.join(" "), textContent: piece }) : piece);
    }
    cell.append(box);
  }
  function draw() {
    for (const end = Math.min(found.length, shown + PAGE); shown < end; shown++) {
      const i = found[shown], row = make("tr");
      for (const column of drawn) {
        const cell = row.insertCell(), value = column.values[i];
        cell.className = column.kind; cell.dataset.label = column.heading;
        if (column.kind === "sentence") {
          sentence(cell, strings[value], marks[i]);
          const told = notes.map(note => strings[note.values[i]]).filter(Boolean).join(" · ");
          if (told) cell.append(make("span", { className: "note", textContent: told }));
        } else if (column.kind === "number") { cell.className = "n"; cell.textContent = value === null ? "" : value.toFixed(2); }
        else if (column.kind === "article") { if (value !== null) cell.append(make("a", { href: "#article-" + value, textContent: "open" })); }
        else { cell.append(make("bdi", { textContent: strings[value] })); if (["favor", "against", "wrong"].includes(strings[value])) cell.classList.add(strings[value]); }
      }
      body.append(row);
    }
    more.hidden = shown >= found.length;
    status.textContent = found.length.toLocaleString("en") + " of " + count.toLocaleString("en") + ", " + shown.toLocaleString("en") + " shown";
  }
  function update() {
    const active = tests.map(t => t()).filter(Boolean);
    found = [];
    for (let i = 0; i < count; i++) if (active.every(test => test(i))) found.push(i);
    if (order) found.sort(order);
    shown = 0; body.textContent = ""; draw();
  }
  let timer;
  controls.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(update, 60); });
  more.addEventListener("click", draw);
  table.append(make("thead", {}, head), body);
  const wide = make("div", { className: "wide", tabIndex: 0 }, table);
  wide.setAttribute("role", "region"); wide.setAttribute("aria-label", section.dataset.label);
  section.append(controls, status, wide, more);
  update();
  section.dataset.ready = "yes";
}
document.querySelectorAll("section.explorer").forEach(explore);

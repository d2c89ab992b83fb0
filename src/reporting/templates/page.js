"use strict";
// Light and dark, sortable tables, and everything open on paper.
(() => {
  const root = document.documentElement, button = document.getElementById("theme");
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const show = () => { button.textContent = dark() ? "light" : "dark"; button.setAttribute("aria-label", "switch to " + button.textContent + " colours"); };
  if (button) {
    try { const kept = localStorage.getItem("stancelab-theme"); if (kept === "dark" || kept === "light") root.dataset.theme = kept; } catch { /* no storage */ }
    show();
    button.addEventListener("click", () => {
      root.dataset.theme = dark() ? "light" : "dark";
      try { localStorage.setItem("stancelab-theme", root.dataset.theme); } catch { /* no storage */ }
      show();
    });
  }
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach(d => { d.dataset.was = d.open ? "1" : ""; d.open = true; }));
  addEventListener("afterprint", () => document.querySelectorAll("details").forEach(d => { d.open = d.dataset.was === "1"; }));
  const open = () => { const at = location.hash && document.getElementById(location.hash.slice(1)); if (at && at.tagName === "DETAILS") at.open = true; };
  addEventListener("hashchange", open); open();
  document.querySelectorAll("table.sortable").forEach(table => {
    const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
    const key = (row, i) => { const cell = row.cells[i], told = cell.dataset.key ?? cell.textContent.trim(), number = parseFloat(told); return told !== "" && !Number.isNaN(number) && /^[-+]?[\d.]/.test(told) ? number : told.toLowerCase(); };
    heads.forEach((head, i) => {
      const press = document.createElement("button");
      press.type = "button"; press.append(...head.childNodes); head.append(press);
      press.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") !== "descending";
        heads.forEach(h => h.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...body.rows].map(row => [key(row, i), row]);
        rows.sort(([a], [b]) => (a === b ? 0 : (typeof a === typeof b ? a > b : typeof a === "number") ? 1 : -1) * (down ? -1 : 1));
        body.append(...rows.map(([, row]) => row));
      });
    });
    const field = document.getElementById(table.dataset.filter || "");
    if (field) field.addEventListener("input", () => {
      const wanted = field.value.toLowerCase();
      for (const row of body.rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    });
  });
})();

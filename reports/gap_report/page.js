"use strict";
// Sorting and filtering of tables, and what a point says on hover. Without it the page can be read all the same.

const number = text => {
  const found = text.match(/[-+]?\d[\d.]*(?:e[-+]?\d+)?/i);
  return found ? Number(found[0]) : NaN;
};

const compare = (a, b) => {
  const [x, y] = [number(a), number(b)];
  if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
  return Number.isNaN(x) ? a.localeCompare(b) : x - y;
};

function sortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    head.append(button);
    const asText = !head.classList.contains("number");
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach(each => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const text = row => row.cells[column].textContent;
      const order = asText ? (a, b) => a.localeCompare(b, undefined, { numeric: true }) : compare;
      const known = row => asText || !Number.isNaN(number(text(row)));
      const rows = [...table.tBodies[0].rows].sort((a, b) =>
        known(a) && known(b) ? (down ? -1 : 1) * order(text(a), text(b)) : known(b) - known(a));
      table.tBodies[0].append(...rows);
    });
  });
}

function filterable(table) {
  const rows = [...table.tBodies[0].rows];
  if (rows.length < 6) return;
  const line = document.createElement("p");
  const label = document.createElement("label");
  const input = document.createElement("input");
  const count = document.createElement("span");
  line.className = "filter";
  input.type = "search";
  count.setAttribute("role", "status");
  label.append("Rows with: ", input);
  line.append(label, " ", count);
  table.closest(".scroll").before(line);
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    rows.forEach(row => {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every(word => text.includes(word));
    });
    count.textContent = `${rows.filter(row => !row.hidden).length} of ${rows.length}`;
  });
}

const hint = document.createElement("div");
hint.id = "hint";
hint.hidden = true;
document.body.append(hint);

function show(text, x, y) {
  hint.textContent = text;
  hint.hidden = false;
  hint.style.left = `${Math.max(0, Math.min(x + 12, innerWidth - hint.offsetWidth - 8))}px`;
  hint.style.top = `${y + 16 + hint.offsetHeight > innerHeight ? y - hint.offsetHeight - 8 : y + 16}px`;
}

function hoverable(svg) {
  const points = [...svg.querySelectorAll(".named")];
  if (!points.length) return;
  const texts = new Map(points.map(point => {
    const title = point.querySelector(":scope > title");
    const text = title.textContent;
    title.remove(); // or the browser would show a second hint of its own
    point.setAttribute("aria-label", text);
    point.addEventListener("pointermove", event => show(text, event.clientX, event.clientY));
    point.addEventListener("pointerleave", () => { hint.hidden = true; });
    return [point, text];
  }));
  const said = document.createElement("span");
  said.className = "said";
  said.setAttribute("aria-live", "polite");
  svg.closest("figure").querySelector("figcaption").prepend(said);
  svg.setAttribute("tabindex", "0");
  svg.setAttribute("aria-description", "Arrow keys go from point to point.");
  let at = -1;
  const leave = () => points[at]?.classList.remove("now");
  svg.addEventListener("keydown", event => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    leave();
    at = (at + step + points.length + (at < 0 && step < 0 ? 1 : 0)) % points.length;
    points[at].classList.add("now");
    said.textContent = texts.get(points[at]);
  });
  svg.addEventListener("blur", () => { leave(); said.textContent = ""; });
}

document.querySelectorAll("table").forEach(table => { sortable(table); filterable(table); });
document.querySelectorAll("figure svg").forEach(hoverable);

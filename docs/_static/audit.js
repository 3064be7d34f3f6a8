// Choice of paper and verdict above the list of the audit. Without it, or without scripts, the page shows everything.
const list = document.getElementById("all-statements").querySelector("table");
const rows = [...list.querySelectorAll("tbody tr")].map((row) => {
  const [link, paper, verdict] = [...row.children].map((cell) => cell.textContent.trim());
  const anchor = row.querySelector("a").getAttribute("href").slice(1);
  return { row, anchor, link, paper, verdict };
});

function choice(name, key) {
  const label = document.createElement("label");
  const select = document.createElement("select");
  select.name = key;
  const values = new Set(rows.map((each) => each[key]));
  select.append(new Option("all", ""), ...[...values].map((value) => new Option(value)));
  select.addEventListener("change", show);
  label.append(`${name} `, select);
  return label;
}

const bar = document.createElement("form");
bar.className = "audit-filter";
const shown = document.createElement("output");
bar.append(choice("Paper", "paper"), choice("Verdict", "verdict"), shown);
list.before(bar);

function show() {
  let count = 0;
  for (const each of rows) {
    const hidden = ["paper", "verdict"].some((key) => bar[key].value && bar[key].value !== each[key]);
    each.row.hidden = hidden;
    const entry = document.getElementById(each.anchor);
    if (entry) entry.hidden = hidden;
    count += !hidden;
  }
  shown.textContent = `${count} of ${rows.length} statements`;
}

show();

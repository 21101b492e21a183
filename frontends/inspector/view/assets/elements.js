// Small helpers for the page's elements. Text from programs is only ever set as text.

const SVG = "http://www.w3.org/2000/svg";

function element(tag, properties = {}, ...children) {
  return filled(document.createElement(tag), properties, children);
}

function drawn(tag, properties = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), properties, children);
}

function filled(made, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((each) => each !== null && each !== undefined));
  return made;
}

// A list of which only the rows that can be seen are there. `draw(row, place)` makes the element of a row.
class Rows {
  constructor(label, draw, onkey) {
    this.draw = draw;
    this.rows = [];
    this.height = 20;
    this.body = element("div", { class: "rows-body" });
    this.root = element("div", { class: "rows", tabindex: "0", role: "listbox", "aria-label": label }, this.body);
    this.root.addEventListener("scroll", () => this.show(), { passive: true });
    if (onkey) this.root.addEventListener("keydown", onkey);
    new ResizeObserver(() => this.show()).observe(this.root);
  }

  set(rows) {
    this.rows = rows;
    this.body.style.height = `${rows.length * this.height}px`;
    this.shown = null;
    this.show();
  }

  show() {
    const first = Math.max(0, Math.floor(this.root.scrollTop / this.height) - 10);
    const last = Math.min(this.rows.length, first + Math.ceil(this.root.clientHeight / this.height) + 20);
    if (this.shown && this.shown[0] === first && this.shown[1] === last) return;
    this.shown = [first, last];
    const made = [];
    for (let place = first; place < last; place++) {
      const row = this.draw(this.rows[place], place);
      row.style.top = `${place * this.height}px`;
      made.push(row);
    }
    this.body.replaceChildren(...made);
    const active = this.body.querySelector(".selected");
    if (active?.id) this.root.setAttribute("aria-activedescendant", active.id);
  }

  // Draws the rows again, where they are.
  refresh() {
    this.shown = null;
    this.show();
  }

  reveal(place) {
    if (place < 0) return;
    const top = place * this.height, { scrollTop, clientHeight } = this.root;
    if (top < scrollTop + this.height || top > scrollTop + clientHeight - 2 * this.height) {
      this.root.scrollTop = Math.max(0, top - clientHeight / 3);
    }
    this.refresh();
  }
}

const UNITS = ["", "k", "M", "G", "T", "P"];

// A count in three digits with a unit; a polynomial as it is.
function counted(count) {
  if (typeof count !== "number") return String(count);
  let number = count, unit = 0;
  while (Math.abs(number) >= 999.5 && unit < UNITS.length - 1) [number, unit] = [number / 1000, unit + 1];
  return `${Number(number.toPrecision(3))}${UNITS[unit]}`;
}

function microseconds(count) {
  if (count === null || count === undefined) return "";
  const [unit, size] = count >= 1e6 ? ["s", 1e6] : count >= 1000 ? ["ms", 1000] : ["µs", 1];
  const number = count / size;
  return `${number.toFixed(number >= 100 ? 0 : number >= 10 ? 1 : 2)} ${unit}`;
}

function change(before, after) {
  if (typeof before !== "number" || typeof after !== "number") return String(before) === String(after) ? "" : "≠";
  return before === after ? "" : `${after > before ? "+" : "−"}${counted(Math.abs(after - before))}`;
}

// A table whose heads sort it. Columns are [title, value of a row, text of a row]; rows may be chosen.
function sortedTable(label, columns, rows, { chosen, onchoose, by = 0 } = {}) {
  const body = element("tbody");
  let sorted = by, falling = true;
  const fill = () => {
    const value = columns[sorted][1];
    const order = [...rows].sort((one, other) => compared(value(one), value(other)) * (falling ? -1 : 1));
    body.replaceChildren(...order.slice(0, 500).map((row) => {
      const cells = columns.map(([, , text], place) => element("td", { class: place ? "" : "name" }, text(row)));
      const isChosen = chosen?.(row);
      return element("tr", {
        class: isChosen ? "selected" : "", tabindex: onchoose ? "0" : null, onclick: () => onchoose?.(row),
        onkeydown: (event) => event.key === "Enter" && onchoose?.(row),
      }, ...cells);
    }));
    if (order.length > 500) {
      body.append(element("tr", {}, element("td", { colspan: columns.length }, `and ${order.length - 500} more`)));
    }
  };
  const heads = columns.map(([title], place) => element("th", {}, element("button", {
    onclick: () => { [falling, sorted] = [sorted === place ? !falling : true, place]; fill(); },
  }, title)));
  fill();
  return element("table", { "aria-label": label }, element("thead", {}, element("tr", {}, ...heads)), body);
}

function compared(one, other) {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return String(one ?? "").localeCompare(String(other ?? ""), "en", { numeric: true });
}

// What lies where in memory and how long, as numpy plans it; and what is there when most is.

const OTHER = -2;  // what is in use and no value's

const memory = {
  build() {
    this.plot = element("div", { class: "plot" });
    this.table = element("div", { class: "table" });
    this.title = element("div", { class: "pane-title" });
    return element("section", { class: "pane", id: "memory" }, this.title, this.plot, this.table);
  },

  update() {
    const program = selection.current, found = program.memory;
    if (!found) {
      this.title.textContent = program.backend === "numpy" ? "Sizes have names: nothing is planned before they are known." : `${program.backend} plans by itself, and tells nobody.`;
      return [this.plot, this.table].forEach((each) => each.replaceChildren());
    }
    const state = program.state(program.last);
    this.title.textContent = `${counted(found.peak)}B at most, ${counted(found.arena)}B of them planned; program order goes to the right, addresses go up`;
    this.plot.replaceChildren(arena(state, found));
    this.table.replaceChildren(sortedTable("Values that are there at the peak", [
      ["value at the peak", ([value]) => nameOf(state, value), ([value]) => nameOf(state, value)],
      ["bytes", ([, bytes]) => bytes, ([, bytes]) => counted(bytes)],
      ["share", ([, bytes]) => bytes, ([, bytes]) => `${(100 * bytes / found.peak).toFixed(0)}%`],
      ["type", ([, , , type]) => type, ([, , parts, type]) => type + (parts > 1 ? ` in ${parts} parts` : "")],
      ["made at", ([value]) => ownerOf(state, value), ([value]) => ownerOf(state, value)],
    ], found.other ? [...found.there, [OTHER, found.other, 1, "room for what runs, and what is free just then"]] : found.there, { by: 1, onchoose: ([value]) => state.maker.has(value) && selection.follow(state.maker.get(value)), chosen: ([value]) => state.maker.has(value) && selection.has(state.maker.get(value)) }));
  },
};

function nameOf(state, value) {
  return value === OTHER ? "(other)" : value < 0 ? "(inside an equation)" : state.name(value);
}

function ownerOf(state, value) {
  const maker = state.maker.get(value);
  if (maker === undefined) return state.parameters.has(value) ? "a parameter" : "";
  const { frame, path } = state.equation(maker);
  return [frame && state.program.trace.place(frame), path.join(".")].filter(Boolean).join("  ");
}

function arena(state, found) {
  const width = 900, height = 340, left = 54, bottom = 24, top = 8;
  const steps = Math.max(1, state.raw.order.length);
  const x = (step) => left + (width - left - 4) * step / steps;
  const y = (offset) => height - bottom - (height - bottom - top) * offset / (found.arena || 1);
  const ticks = Array.from({ length: 5 }, (_, place) => found.arena * place / 4);
  const parts = found.placed.map(([value, offset, bytes, first, last]) => {
    const maker = state.maker.get(value);
    const group = maker === undefined ? "" : `group-${selection.trace.groups[state.equation(maker).op]}`;
    return drawn("rect", {
      class: `slot ${group}${maker !== undefined && selection.has(maker) ? " selected" : ""}`, x: x(first), width: Math.max(1, x(last + 1) - x(first)),
      y: y(offset + bytes), height: Math.max(0.5, y(offset) - y(offset + bytes)), "data-value": value, onclick: () => maker !== undefined && selection.follow(maker),
    }, drawn("title", {}, `${state.name(value)}: ${state.program.values[value].type}, ${counted(bytes)}B at ${offset}, steps ${first} to ${last}`));
  });
  return drawn("svg", { viewBox: `0 0 ${width} ${height}`, class: "arena", role: "img", "aria-label": "Memory over the steps of the program; the table below lists what is there at the peak" },
    ...ticks.flatMap((tick) => [drawn("line", { class: "grid", x1: left, x2: width - 4, y1: y(tick), y2: y(tick) }), drawn("text", { class: "tick", x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, `${counted(tick)}B`)]),
    ...parts,
    found.step >= 0 ? drawn("line", { class: "peak", x1: x(found.step + 0.5), x2: x(found.step + 0.5), y1: top, y2: height - bottom }) : null,
    found.step >= 0 ? drawn("text", { class: "tick", x: Math.min(width - 60, x(found.step + 0.5) + 4), y: top + 10 }, "peak") : null,
    drawn("text", { class: "tick", x: width / 2, y: height - 6, "text-anchor": "middle" }, `${steps} steps`));
}

// What equations cost: the roofline, and a table by equation, op, line or module.

const costs = {
  by: "op",

  build() {
    this.plot = element("div", { class: "plot" });
    this.table = element("div", { class: "table" });
    const choice = element("select", { id: "cost-by", onchange: (event) => { this.by = event.target.value; this.update(); } },
      ...["equation", "op", "line", "module"].map((each) => element("option", { value: each, selected: each === this.by }, each)));
    this.title = element("span");
    return element("section", { class: "pane", id: "cost" }, element("div", { class: "pane-title" }, element("label", { for: "cost-by" }, "by "), choice, this.title), this.plot, this.table);
  },

  update() {
    const state = selection.state, peak = selection.trace.peak;
    const rows = state.raw.order.filter((id) => !state.equation(id).isView && state.equation(id).op !== "constant").map((id) => {
      const [flops, bytes, time] = state.cost(id);
      return { id, flops, bytes, time, count: 1 };
    });
    const total = summed(rows);
    this.title.textContent = ` ${counted(total.flops)} FLOP, ${counted(total.bytes)}B; at ${peak.gflops.toFixed(0)} GFLOP/s and ${peak.gigabytes.toFixed(0)} GB/s memory bounds what has less than ${(peak.gflops / peak.gigabytes).toFixed(1)} FLOP for a byte`;
    this.plot.replaceChildren(roofline(state, rows, peak));
    const key = {
      equation: (id) => state.label(id), op: (id) => state.equation(id).op,
      line: (id) => (state.equation(id).frame ? selection.trace.place(state.equation(id).frame) : "(no line)"),
      module: (id) => state.equation(id).path.join(".") || "(none)",
    }[this.by];
    const grouped = Map.groupBy ? Map.groupBy(rows, (row) => key(row.id)) : groupedBy(rows, (row) => key(row.id));
    const lines = [...grouped].map(([name, members]) => ({ name, ids: members.map((row) => row.id), ...summed(members) }));
    this.table.replaceChildren(sortedTable(`Cost by ${this.by}`, [
      [this.by, (row) => row.name, (row) => row.name],
      ["count", (row) => row.count, (row) => String(row.count)],
      ["FLOP", (row) => row.flops, (row) => counted(row.flops)],
      ["bytes", (row) => row.bytes, (row) => counted(row.bytes)],
      ["FLOP/byte", (row) => intensity(row) ?? -1, (row) => intensity(row)?.toFixed(2) ?? ""],
      ["bound", (row) => bound(row, peak), (row) => bound(row, peak)],
      ["estimate", (row) => row.time ?? -1, (row) => microseconds(row.time)],
    ], lines, {
      by: 6, chosen: (row) => row.ids.some((id) => selection.has(id)),
      onchoose: (row) => (row.ids.length === 1 ? selection.choose(row.ids[0]) : selection.choose(null, new Set(row.ids))),
    }));
  },
};

function groupedBy(rows, key) {
  const found = new Map();
  for (const row of rows) found.set(key(row), [...(found.get(key(row)) ?? []), row]);
  return found;
}

// Sums of what is known; of polynomials only that they are some.
function summed(rows) {
  const total = (name) => rows.reduce((sum, row) => (typeof row[name] === "number" && typeof sum === "number" ? sum + row[name] : row[name] === null ? sum : "symbolic"), 0);
  return { flops: total("flops"), bytes: total("bytes"), time: rows.reduce((sum, row) => sum + (row.time ?? 0), 0), count: rows.length };
}

function intensity({ flops, bytes }) {
  return typeof flops === "number" && typeof bytes === "number" && bytes ? flops / bytes : null;
}

function bound(row, peak) {
  const found = intensity(row);
  return found === null ? "" : found >= peak.gflops / peak.gigabytes ? "compute" : "memory";
}

// Equations by FLOP for a byte and by FLOP/s as estimated, under what the machine can do at best. Axes are logarithmic.
function roofline(state, rows, peak) {
  const width = 720, height = 300, edge = { left: 56, right: 12, top: 14, bottom: 36 };
  const points = rows.map((row) => ({ ...row, x: intensity(row), y: row.time ? row.flops / row.time / 1000 : 0 })).filter((row) => row.x > 0 && row.y > 0);
  const ridge = peak.gflops / peak.gigabytes;
  const [low, high] = [Math.min(0.05, ...points.map((point) => point.x)), Math.max(ridge * 8, ...points.map((point) => point.x))].map(Math.log10);
  const [bottom, top] = [Math.min(peak.gigabytes * 0.01, ...points.map((point) => point.y)), Math.max(peak.gflops, ...points.map((point) => point.y)) * 1.6].map(Math.log10);
  const x = (value) => edge.left + (width - edge.left - edge.right) * (Math.log10(value) - low) / (high - low);
  const y = (value) => height - edge.bottom - (height - edge.top - edge.bottom) * (Math.log10(value) - bottom) / (top - bottom);
  const ticks = (from, to) => Array.from({ length: Math.max(0, Math.floor(to) - Math.ceil(from) + 1) }, (_, place) => 10 ** (Math.ceil(from) + place));
  const most = Math.max(...points.map((point) => point.time));
  return drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Roofline: FLOP/s over FLOP for a byte; the table below has the same figures", class: "roofline" },
    ...ticks(low, high).flatMap((tick) => [drawn("line", { class: "grid", x1: x(tick), x2: x(tick), y1: edge.top, y2: height - edge.bottom }), drawn("text", { class: "tick", x: x(tick), y: height - 20, "text-anchor": "middle" }, counted(tick))]),
    ...ticks(bottom, top).flatMap((tick) => [drawn("line", { class: "grid", x1: edge.left, x2: width - edge.right, y1: y(tick), y2: y(tick) }), drawn("text", { class: "tick", x: edge.left - 6, y: y(tick) + 4, "text-anchor": "end" }, counted(tick))]),
    drawn("text", { class: "tick", x: width / 2, y: height - 4, "text-anchor": "middle" }, "FLOP for a byte"),
    drawn("text", { class: "tick", x: 12, y: height / 2, "text-anchor": "middle", transform: `rotate(-90 12 ${height / 2})` }, "GFLOP/s, estimated"),
    drawn("path", { class: "roof", d: `M${x(10 ** low)} ${y(peak.gigabytes * 10 ** low)}L${x(ridge)} ${y(peak.gflops)}L${x(10 ** high)} ${y(peak.gflops)}` }),
    ...points.map((point) => drawn("circle", {
      class: `point group-${selection.trace.groups[state.equation(point.id).op]}${selection.has(point.id) ? " selected" : ""}`, cx: x(point.x), cy: y(point.y),
      r: 2.5 + 6 * Math.sqrt(point.time / most), "data-equation": point.id, onclick: () => selection.choose(point.id),
    }, drawn("title", {}, `${state.label(point.id)} = ${state.equation(point.id).op}: ${counted(point.flops)} FLOP, ${counted(point.bytes)}B, ${microseconds(point.time)}`))));
}

// The IR as text: a row for each equation, in folds by scope; or what differs between two pinned stages.

const code = {
  list: null, rows: [], place: new Map(),

  build() {
    this.list = new Rows("Program", (row, place) => this.draw(row, place), (event) => this.key(event));
    this.title = element("div", { class: "pane-title" });
    return element("section", { class: "pane", id: "code" }, this.title, this.list.root);
  },

  // Makes the rows of the stage, or of the difference.
  update() {
    const pins = selection.pins;
    this.rows = pins.length === 2 ? differingRows(selection.current, ...pins) : rowsOf(selection.state);
    this.place = new Map();
    this.rows.forEach((row, place) => row.id !== undefined && !this.place.has(row.id) && this.place.set(row.id, place));
    const stage = selection.current.stages[selection.stage];
    const words = pins.length === 2 ? differenceTitle(selection.current, ...pins, this.rows) :
      [`@${selection.current.name} · ${selection.stage ? `after ${stage.name}` : "as the front end made it"} · ${stage.equations} equations`];
    this.title.replaceChildren(...words);
    this.list.set(this.rows);
  },

  reveal() {
    const { equation, lines } = selection;
    const place = lines ? this.rows.findIndex((row) => lines.has(row.id)) : this.place.get(equation) ?? -1;
    if (equation !== null && place < 0 && unfoldTo(equation)) return this.update(), this.reveal();
    if (place >= 0) this.list.reveal(place);
    else this.list.refresh();
  },

  draw(row, place) {
    const classes = ["row", row.kind, row.mark && `mark-${row.mark}`];
    const isSelected = row.id !== undefined && selection.has(row.id);
    if (isSelected) classes.push("selected");
    else if (row.id !== undefined && code.related?.has(row.id)) classes.push("related");
    const properties = { class: classes.filter(Boolean).join(" "), id: `row-${place}`, role: "option", "aria-selected": String(isSelected) };
    const indent = element("span", { class: "indent", style: `width:${row.depth * 16}px` });
    const sign = element("span", { class: "sign" }, { removed: "−", added: "+", changed: "~" }[row.mark] ?? "");
    if (row.kind === "equation") {
      properties["data-equation"] = row.id;
      properties.onclick = () => selection.choose(row.id);
      return element("div", properties, sign, indent, ...tokens(row.state, row.id), where(row.state, row.id));
    }
    if (row.kind === "scope") {
      properties.onclick = () => toggle(row.key);
      properties["data-scope"] = row.key;
      properties.title = row.title;
      properties["aria-expanded"] = String(!selection.folded.has(row.key));
      const arrow = element("span", { class: "arrow" }, selection.folded.has(row.key) ? "▸" : "▾");
      const words = `${row.count} equation${row.count === 1 ? "" : "s"}${row.flops ? `, ${counted(row.flops)} FLOP` : ""}`;
      return element("div", properties, sign, indent, arrow, element("span", { class: "scope-name" }, row.name), element("span", { class: "faint" }, words));
    }
    return element("div", properties, sign, indent, ...row.parts);
  },

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20 }[event.key];
    const place = this.place.get(selection.equation) ?? -1;
    if (step) {
      let next = place;
      do next += Math.sign(step); while (this.rows[next] && this.rows[next].kind !== "equation");
      for (let more = Math.abs(step) - 1; more > 0 && this.rows[next + Math.sign(step)]?.kind === "equation"; more--) next += Math.sign(step);
      if (this.rows[next]) selection.choose(this.rows[next].id);
    } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const scope = this.rows.slice(0, place + 1).reverse().find((row) => row.kind === "scope");
      if (scope && selection.folded.has(scope.key) === (event.key === "ArrowRight")) toggle(scope.key);
    } else if (event.key === "Enter" && selection.equation !== null) {
      const made = selection.state.now.get(selection.equation)?.operands.map((value) => selection.state.maker.get(value));
      const first = made?.find((each) => each !== undefined);
      if (first !== undefined) selection.choose(first);
    } else return;
    event.preventDefault();
  },
};

function toggle(key) {
  if (!selection.folded.delete(key)) selection.folded.add(key);
  selection.tell("folded");
}

// Opens the folds around an equation; whether any was closed.
function unfoldTo(id) {
  const keys = code.around?.get(id) ?? [];
  const closed = keys.filter((key) => selection.folded.has(key));
  closed.forEach((key) => selection.folded.delete(key));
  return closed.length > 0;
}

// The rows of a stage. Equations of one scope that follow one another are one fold.
function rowsOf(state) {
  const rows = [];
  code.around = new Map();
  const parameters = state.program.parameters.map((value) => `${state.name(value)}: ${state.program.values[value].type}`);
  rows.push({ kind: "text", depth: 0, parts: [element("span", { class: "keyword" }, "func "), `@${state.program.name}(${parameters.join(", ")})`] });
  enterRows(state, state.raw.order, 1, rows, "");
  rows.push({ kind: "text", depth: 1, parts: returned(state, state.raw.results) });
  return rows;
}

function returned(state, results) {
  return [element("span", { class: "keyword" }, "return "), ...separated(results.map((value) => valueLink(state, value)))];
}

function enterRows(state, order, depth, rows, prefix, isScoped = true) {
  const seen = new Map();  // how often a scope has begun
  let open = [];
  for (const id of order) {
    const path = isScoped ? state.equation(id).path : [];
    let shared = 0;
    while (shared < open.length && shared < path.length && open[shared].part === path[shared]) shared++;
    open.length = shared;
    for (let level = shared; level < path.length; level++) {
      const name = path.slice(0, level + 1).join(".");
      const times = seen.get(name) ?? 0;
      seen.set(name, times + 1);
      const key = `${prefix}${name}#${times}`;
      const isHidden = open.some((each) => each.isClosed);
      const row = { kind: "scope", key, name: path[level], title: name, depth: depth + level, count: 0, flops: 0 };
      open.push({ part: path[level], row, key, isClosed: selection.folded.has(key) });
      if (!isHidden) rows.push(row);
    }
    const flops = state.cost(id)[0];
    for (const { row } of open) {
      row.count++;
      if (typeof flops === "number") row.flops += flops;
    }
    code.around.set(id, [...open.map((each) => each.key), ...(code.around.get(state.inside.get(id)) ?? [])]);
    const functions = state.now.get(id).functions;
    const isHidden = open.some((each) => each.isClosed);
    if (!isHidden) rows.push({ kind: "equation", id, state, depth: depth + open.length });
    for (const body of functions) {
      const key = `${prefix}${id}.${body.name}`;
      const inner = isHidden ? [] : rows;
      inner.push({ kind: "scope", key, name: `${body.name} = @${body.label}`, depth: depth + open.length + 1, count: body.order.length, flops: 0 });
      const hidden = selection.folded.has(key) ? [] : inner;
      enterRows(state, body.order, depth + open.length + 2, hidden, `${key}/`, state.equation(id).op !== "fused");  // groups mix scopes
      hidden.push({ kind: "text", depth: depth + open.length + 2, parts: returned(state, body.results) });
      for (const each of body.order) code.around.set(each, [key, ...(code.around.get(each) ?? [])]);
    }
  }
}

function separated(parts) {
  return parts.flatMap((part, place) => (place ? [", ", part] : [part]));
}

// A name that leads to where it is made.
function valueLink(state, value, isMade = false) {
  const maker = state.maker.get(value);
  const type = state.program.values[value].type;
  return element("span", {
    class: `value${maker === undefined ? " parameter" : ""}`, title: type, "data-value": value,
    onclick: (event) => {
      if (isMade || maker === undefined) return;
      event.stopPropagation();
      selection.choose(maker);
    },
  }, state.name(value));
}

function tokens(state, id) {
  const { operands, results } = state.now.get(id), { op, attributes } = state.equation(id);
  const made = results.map((value) => element("span", {}, valueLink(state, value, true), element("span", { class: "type" }, `: ${state.program.values[value].type}`)));
  return [
    ...separated(made), made.length ? " = " : "",
    element("span", { class: `op group-${state.program.trace.groups[op]}` }, op), " ",
    ...separated(operands.map((value) => valueLink(state, value))),
    attributes ? element("span", { class: "attributes" }, ` {${attributes}}`) : "",
  ];
}

function where(state, id) {
  const { frame, path } = state.equation(id);
  const scope = state.inside.has(id) ? path.join(".") : "";  // others stand in the fold of their scope
  return element("span", { class: "where" }, [frame && state.program.trace.place(frame), scope].filter(Boolean).join("  "));
}

// -- two pinned stages ----

// The rows of the later stage, with those that are gone where they stood.
function differingRows(program, first, second) {
  const before = program.state(first), after = program.state(second);
  const gone = new Map();  // by the equation that stands before them
  let last = null;
  for (const id of before.all) {
    if (after.has(id)) last = id;
    else gone.set(last, [...(gone.get(last) ?? []), id]);
  }
  const rows = [];
  const removed = (id) => rows.push(...(gone.get(id) ?? []).map((each) => ({ kind: "equation", id: each, state: before, depth: depthOf(before, each), mark: "removed" })));
  removed(null);
  for (const id of after.all) {
    const mark = !before.has(id) ? "added" : isChanged(before, after, id) ? "changed" : null;
    rows.push({ kind: "equation", id, state: after, depth: depthOf(after, id), mark });
    removed(id);
  }
  return rows;
}

function depthOf(state, id) {
  let depth = 0;
  for (let around = state.inside.get(id); around !== undefined; around = state.inside.get(around)) depth++;
  return depth;
}

function isChanged(before, after, id) {
  const one = before.now.get(id), other = after.now.get(id);
  return one !== other && (String(one.operands) !== String(other.operands) || before.inside.get(id) !== after.inside.get(id));
}

function differenceTitle(program, first, second, rows) {
  const number = (mark) => rows.filter((row) => row.mark === mark).length;
  return [
    `${program.stages[first].name} → ${program.stages[second].name}: `,
    element("span", { class: "mark-removed" }, `${number("removed")} gone`), ", ",
    element("span", { class: "mark-added" }, `${number("added")} new`), ", ",
    element("span", { class: "mark-changed" }, `${number("changed")} that read others`), " ",
    element("button", { onclick: () => { selection.pins = []; selection.tell("pins"); } }, "close"),
  ];
}

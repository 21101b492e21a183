// Where the boxes of a program's graph stand, open ones with what is in them.

const GAP = { across: 16, down: 26, title: 22, edge: 10, column: 60 };
const FIRST_BOXES = 60;  // containers are opened at first until there are so many
const LETTER = 7.3;  // the width of a letter in a box
const TALL = 1500;  // what is higher goes on in columns, until it is as wide as high, about

// Where all boxes of a stage stand, those that are open with what is in them.
class GraphPlan {
  constructor(state, open) {
    this.state = state;
    this.open = open;
    this.layout = state.raw.layout;
    this.news = new Set(state.place ? state.raw.news.filter(([id]) => !state.program.state(state.place - 1).now.has(id)).map(([id]) => id) : []);
    this.functions = new Map();  // the containers of an equation's functions
    this.layout.forEach(([, , of], place) => of >= 0 && this.functions.set(of, [...(this.functions.get(of) ?? []), place]));
    this.paths = this.layout.map(() => null);
    this.keys = [];
    this.counts = new Map();
    this.layout.forEach((_, place) => this.count(place));
    this.boxes = [];
    this.visible = new Map();  // by equation, the box that shows it
    const root = this.measure(0, []);
    [this.width, this.height] = [root.width, root.height];
    this.put(root, 0, 0, null);
  }

  boxOf(id) {
    return this.visible.get(id) ?? null;
  }

  // The equations in a container, those of nested functions too.
  count(place) {
    if (!this.counts.has(place)) {
      this.counts.set(place, this.layout[place][3].reduce((sum, [ref]) => sum + (ref < 0 ? this.count(-1 - ref) : 1), 0));
    }
    return this.counts.get(place);
  }

  key(path) {
    const key = path.join("/");
    this.keys.push(key);
    return key;
  }

  // The size of a container that is open, and where its boxes stand in it.
  measure(place, path) {
    const layers = [];
    for (const [ref, layer, at] of this.layout[place][3]) {
      const box = ref < 0 ? this.scope(-1 - ref, path) : this.equation(ref, path);
      (layers[layer] ??= []).push([at, box]);
    }
    const rows = layers.filter(Boolean).map((layer) => {
      layer.sort((one, other) => one[0] - other[0]);
      const unit = 118;
      let free = -Infinity, drift = 0;
      for (const [at, box] of layer) {
        const wanted = at * unit - box.width / 2;
        box.x = Math.max(free, wanted);
        drift += wanted - box.x;
        free = box.x + box.width + GAP.across;
      }
      const boxes = layer.map(([, box]) => box);
      for (const box of boxes) box.x += drift / layer.length;
      return { boxes, height: Math.max(...boxes.map((box) => box.height)) };
    });
    return columns(rows);
  }

  // Those that hold nothing but another one are one box.
  scope(container, around) {
    const names = [this.name(container)];
    for (let inner = this.layout[container][3]; inner.length === 1 && inner[0][0] < 0; inner = this.layout[container][3]) {
      container = -1 - inner[0][0];
      names.push(this.name(container));
    }
    const path = [...around, ...names], key = this.key(path), isOpen = this.open.has(key);
    const title = names.join(".");
    const box = { key, container, isContainer: true, isOpen, title, path, count: this.count(container), ids: this.idsOf(container) };
    return this.framed(box, isOpen ? this.measure(container, path) : null);
  }

  name(container) {
    return this.state.program.trace.strings[this.layout[container][0]];
  }

  equation(id, path) {
    const { state } = this, { op, attributes } = state.equation(id), functions = this.functions.get(id) ?? [];
    const numbers = state.now.get(id).operands.map((value) => constantText(state, value)).filter(Boolean);
    const title = [op, ...numbers].join(" ");
    const type = state.now.get(id).results.map((value) => state.program.values[value].type).join(", ");
    const box = { id, title, type, path, ids: [id], group: state.program.trace.groups[op], isNew: this.news.has(id) };
    if (!functions.length) {
      return { ...box, isContainer: false, width: Math.min(240, Math.max(64, LETTER * Math.max(title.length, type.length) + 16)), height: 36, attributes };
    }
    const key = this.key([...path, `=${id}`]), isOpen = this.open.has(key);
    const count = functions.reduce((sum, place) => sum + this.count(place), 0);
    const inside = functions.flatMap((place) => this.idsOf(place));
    const container = { ...box, key, isContainer: true, isOpen, container: functions[0], title: `${title} ${state.label(id)}`, count, ids: [id, ...inside] };
    if (!isOpen) return this.framed(container, null);
    const bodies = functions.map((place) => this.measure(place, [...path, `=${id}`, String(place)]));
    let x = 0;
    const inner = bodies.flatMap((body) => {
      const moved = body.inner.map((each) => ({ ...each, x: each.x + x }));
      x += body.width + GAP.across;
      return moved;
    });
    return this.framed(container, { width: x - GAP.across, height: Math.max(...bodies.map((body) => body.height)), inner });
  }

  framed(box, content) {
    const letters = Math.max(box.title.length + 2, content ? 0 : amount(box).length), least = LETTER * letters + 16;
    if (!content) return { ...box, width: Math.min(260, least), height: 40 };
    return { ...box, ...content, width: Math.max(content.width + 2 * GAP.edge, least), height: content.height + GAP.title + GAP.edge };
  }

  idsOf(container) {
    return this.layout[container][3].flatMap(([ref]) => (ref < 0 ? this.idsOf(-1 - ref) : [ref, ...(this.functions.get(ref) ?? []).flatMap((place) => this.idsOf(place))]));
  }

  // Puts boxes at their places on the whole drawing, those around others first.
  put(content, x, y) {
    for (const box of content.inner) {
      box.x += x;
      box.y += y;
      this.boxes.push(box);
      for (const id of box.isOpen ? [box.id] : box.ids) if (id !== undefined) this.visible.set(id, box);
      if (box.isOpen) this.put(box, box.x + GAP.edge, box.y + GAP.title);
    }
  }

  // From which box to which values go: each pair once.
  links() {
    const { state } = this, found = new Map();
    for (const id of state.all) {
      const to = this.visible.get(id);
      if (!to) continue;
      for (const value of state.now.get(id).operands) {
        const maker = state.maker.get(value), from = this.visible.get(maker);
        if (!from || from === to) continue;
        const others = found.get(from) ?? found.set(from, new Map()).get(from);
        if (!others.has(to)) others.set(to, [from, to, state.program.values[value].type]);
      }
    }
    return [...found.values()].flatMap((others) => [...others.values()]);
  }
}

// What a constant of one element is, read directly or repeated.
function constantText(state, value) {
  let maker = state.maker.get(value);
  while (maker !== undefined && state.equation(maker).op === "broadcast") maker = state.maker.get(state.now.get(maker).operands[0]);
  if (maker === undefined || state.equation(maker).op !== "constant") return "";
  const found = /^value=\w+\[[^\]]*\] ([^\s[,]{1,12})$/.exec(state.equation(maker).attributes);
  return found ? found[1] : "const";
}

// Which containers are open at first: from the outside in, while there are few boxes.
function firstOpen(state) {
  const open = new Set();
  for (;;) {
    const plan = new GraphPlan(state, open);
    const next = plan.boxes.filter((box) => box.isContainer && !box.isOpen && box.id === undefined);
    const counts = next.map((box) => plan.layout[box.container][3].length);
    const more = counts.reduce((sum, count) => sum + count, 0);
    if (!next.length || plan.boxes.length + more > FIRST_BOXES) return open;
    next.forEach((box) => open.add(box.key));
  }
}

// Rows of boxes below each other, in several columns where there are many: their size, and all boxes with their places.
function columns(rows) {
  const sum = rows.reduce((total, row) => total + row.height + GAP.down, -GAP.down);
  const wide = extent(rows);
  const count = sum > TALL ? Math.max(1, Math.round(Math.sqrt(sum / (wide[1] - wide[0])))) : 1;
  const most = sum / count;
  const found = [[]];
  let y = 0, height = 0, x = 0;
  for (const row of rows) {
    if (y && y + row.height > most * 1.1) {
      found.push([]);
      y = 0;
    }
    found[found.length - 1].push(row);
    for (const box of row.boxes) box.y = y;
    height = Math.max(height, y + row.height);
    y += row.height + GAP.down;
  }
  for (const column of found) {
    const [left, right] = extent(column);
    for (const row of column) for (const box of row.boxes) box.x += x - left;
    x += right - left + GAP.column;
  }
  return { width: Math.max(0, x - GAP.column), height, inner: rows.flatMap((row) => row.boxes) };
}

// From where to where boxes of rows go, from left to right.
function extent(rows) {
  const boxes = rows.flatMap((row) => row.boxes);
  return boxes.reduce(([left, right], box) => [Math.min(left, box.x), Math.max(right, box.x + box.width)], [Infinity, -Infinity]);
}

function amount(container) {
  return `${container.count} equation${container.count === 1 ? "" : "s"}`;
}

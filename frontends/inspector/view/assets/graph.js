// The program as boxes in layers. Scopes, groups and nested functions open and close; only what can be seen is drawn.

const PLAIN_FROM = 1500;  // boxes in sight from which they have no text
const FAR = 0.4;  // the scale below which nobody can read boxes: they are a map, with the names of containers on it
const LONG = 420;  // a line that goes further is faint

const graph = {
  open: new Set(), view: { x: 0, y: 0, scale: 1 }, key: null,

  build() {
    this.edges = drawn("g", { class: "edges" });
    this.boxes = drawn("g", { class: "boxes" });
    this.names = drawn("g", { class: "names" });
    this.scene = drawn("g", {}, this.edges, this.boxes, this.names);
    this.svg = drawn("svg", { class: "graph", tabindex: "0", role: "application", "aria-label": "Graph of the program: arrows go to what an equation reads, and to what reads it" }, this.scene);
    this.svg.addEventListener("wheel", (event) => this.zoom(event), { passive: false });
    this.svg.addEventListener("pointerdown", (event) => this.drag(event));
    this.svg.addEventListener("keydown", (event) => this.press(event));
    new ResizeObserver(() => this.paint()).observe(this.svg);
    const button = (words, act) => element("button", { onclick: act }, words);
    this.legend = element("span", { class: "legend" });
    return element("section", { class: "pane", id: "graph" },
      element("div", { class: "pane-title" }, button("fit", () => this.fit()), button("+", () => this.scaleBy(1.3)), button("−", () => this.scaleBy(1 / 1.3)),
        button("open all", () => this.openAll()), button("close all", () => { this.open = new Set(); this.update(true); }), this.legend),
      this.svg);
  },

  // Lays out the stage again. What was open stays open.
  update(isFitted = false) {
    const state = selection.state;
    const key = `${selection.program}/${selection.stage}`;
    if (this.key === null || !this.key.startsWith(`${selection.program}/`)) {
      this.open = firstOpen(state);
      const kinds = [...new Set(selection.current.equations.map((equation) => selection.trace.groups[equation.op]))].sort();
      this.legend.replaceChildren(...kinds.map((kind) => element("span", {}, element("i", { class: `group-${kind}` }), kind)));
      isFitted = true;
    }
    this.key = key;
    this.plan = new GraphPlan(state, this.open);
    this.links = this.plan.links();
    if (isFitted && this.svg.clientWidth) this.home();
    else this.paint();
  },

  openAll() {
    for (let before = -1; before !== this.open.size;) {
      before = this.open.size;
      for (const key of new GraphPlan(selection.state, this.open).keys) this.open.add(key);
    }
    this.update();
    this.fit();
  },

  toggle(key) {
    if (!this.open.delete(key)) this.open.add(key);
    this.update();
  },

  reveal() {
    const { equation } = selection;
    if (equation !== null && selection.state.has(equation) && this.svg.clientWidth) {
      const box = this.plan.boxOf(equation);
      const { clientWidth: width, clientHeight: height } = this.svg, { x, y, scale } = this.view;
      if (box && (box.x < x || box.x + box.width > x + width / scale || box.y < y || box.y + box.height > y + height / scale)) {
        this.view.x = box.x + box.width / 2 - width / scale / 2;
        this.view.y = box.y + box.height / 2 - height / scale / 2;
      }
    }
    this.paint();
  },

  fit() {
    const { clientWidth: width, clientHeight: height } = this.svg, { plan } = this;
    if (!width || !plan) return;
    const scale = Math.min(1.1, Math.max(0.02, Math.min(width / (plan.width + 40), height / (plan.height + 40))));
    this.view = { scale, x: plan.width / 2 - width / scale / 2, y: plan.height / 2 - height / scale / 2 };
    this.paint();
  },

  // Shows all where that can be read; else begins with the first box.
  home() {
    this.fit();
    const { clientWidth: width, clientHeight: height } = this.svg, first = this.plan?.boxes[0];
    if (this.view.scale >= 0.6 || !first) return;
    const scale = 0.8, { plan } = this;
    const left = plan.width * scale < width ? plan.width / 2 - width / scale / 2 : Math.min(plan.width + 20 - width / scale, Math.max(-20, first.x - width / scale / 3));
    this.view = { scale, x: left, y: plan.height * scale < height ? plan.height / 2 - height / scale / 2 : -20 };
  },

  scaleBy(factor, at = null) {
    const { clientWidth: width, clientHeight: height } = this.svg, view = this.view;
    const [px, py] = at ?? [width / 2, height / 2];
    const scale = Math.min(3, Math.max(0.02, view.scale * factor));
    view.x += px / view.scale - px / scale;
    view.y += py / view.scale - py / scale;
    view.scale = scale;
    this.paint();
  },

  zoom(event) {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) {
      const box = this.svg.getBoundingClientRect();
      this.scaleBy(Math.exp(-event.deltaY / 200), [event.clientX - box.left, event.clientY - box.top]);
      return;
    }
    this.view.x += event.deltaX / this.view.scale;
    this.view.y += event.deltaY / this.view.scale;
    this.paint();
  },

  drag(event) {
    if (event.button || event.target.closest(".box")) return;
    const { x, y, scale } = this.view, from = [event.clientX, event.clientY];
    const move = (next) => {
      this.view.x = x - (next.clientX - from[0]) / scale;
      this.view.y = y - (next.clientY - from[1]) / scale;
      this.paint();
    };
    this.svg.setPointerCapture(event.pointerId);
    this.svg.addEventListener("pointermove", move);
    this.svg.addEventListener("pointerup", () => this.svg.removeEventListener("pointermove", move), { once: true });
  },

  press(event) {
    const state = selection.state, id = selection.equation;
    if (id === null || !state.has(id)) return;
    const { operands, results } = state.now.get(id);
    const next = {
      ArrowUp: () => operands.map((value) => state.maker.get(value)).find((each) => each !== undefined),
      ArrowDown: () => results.flatMap((value) => state.users.get(value) ?? [])[0],
    }[event.key]?.();
    if (next === undefined) return;
    event.preventDefault();
    selection.choose(next);
  },

  // Draws what lies in sight, in the next frame.
  paint() {
    if (this.isWaiting || !this.plan) return;
    this.isWaiting = true;
    requestAnimationFrame(() => {
      this.isWaiting = false;
      this.paintNow();
    });
  },

  paintNow() {
    const { clientWidth: width, clientHeight: height } = this.svg;
    if (!width) return;
    const { x, y, scale } = this.view;
    this.scene.setAttribute("transform", `scale(${scale}) translate(${-x} ${-y})`);
    const sees = (box) => box.x < x + width / scale && box.x + box.width > x && box.y < y + height / scale && box.y + box.height > y;
    const inSight = this.plan.boxes.filter(sees);
    const isFar = scale < FAR, isPlain = isFar || inSight.length > PLAIN_FROM;
    this.svg.classList.toggle("far", isFar);
    this.names.replaceChildren(...(isFar ? names(inSight, scale) : []));
    this.boxes.replaceChildren(...inSight.map((box) => this.draw(box, isPlain)));
    const chosen = selection.equation === null ? null : this.plan.boxOf(selection.equation);
    const lines = this.links.filter(([from, to]) => sees(from) || sees(to) || from === chosen || to === chosen);
    this.edges.replaceChildren(...lines.map(([from, to, type]) => edge(from, to, type, chosen)), ...this.twins(chosen));
  },

  // Dashed lines from a selected equation to what its gradient flows through, or the other way.
  twins(chosen) {
    const { equation, current, state } = selection;
    if (chosen === null || !chosen || !state.has(equation)) return [];
    const forward = current.forward(current.equations[equation]);
    const others = forward ? [forward.id] : current.gradients.get(equation) ?? [];
    const boxes = new Set(others.filter((id) => state.has(id)).map((id) => this.plan.boxOf(id)));
    boxes.delete(chosen);
    return [...boxes].filter(Boolean).map((box) => drawn("path", { class: "edge twin", d: curve(chosen, box) }));
  },

  draw(box, isPlain) {
    const { state } = this.plan;
    const isSelected = box.ids.some((id) => selection.has(id));
    const classes = ["box", box.isContainer ? "container" : "equation", box.isOpen ? "open" : "closed", box.group && `group-${box.group}`, box.path?.[0] === GRADIENT && "gradient", isSelected && !box.isOpen && "selected", box.isNew && "new"];
    const parts = [drawn("rect", { x: box.x, y: box.y, width: box.width, height: box.height, rx: box.isContainer ? 8 : 5 })];
    const most = Math.floor((box.width - 14) / LETTER);
    const put = (words, dy, name) => parts.push(drawn("text", { x: box.x + 8, y: box.y + dy, class: name }, words.length > most ? `${words.slice(0, most - 1)}…` : words));
    if (!isPlain) {
      if (box.isContainer) {
        put(`${box.isOpen ? "▾" : "▸"} ${box.title}`, 15, "title");
        if (!box.isOpen) put(amount(box), 31, "faint");
      } else {
        put(box.title, 15, "title");
        put(box.type, 29, "faint");
      }
    }
    const label = box.isContainer ? `${box.title}, ${amount(box)}, ${box.isOpen ? "open" : "closed"}` : state.text(box.id);
    const act = () => (box.isContainer && (box.isOpen || box.id === undefined) ? this.toggle(box.key) : selection.choose(box.id));
    const made = drawn("g", {
      class: classes.filter(Boolean).join(" "), tabindex: "0", role: "button", "aria-label": label, "data-box": box.key ?? box.id, onclick: act,
      ondblclick: () => box.isContainer && !box.isOpen && this.toggle(box.key),
      onkeydown: (event) => {
        if (event.key === "Enter" || event.key === " ") act();
        else if (box.isContainer && (event.key === "+" || event.key === "-") && box.isOpen === (event.key === "-")) this.toggle(box.key);
        else return;
        event.preventDefault();
        event.stopPropagation();
      },
    }, ...parts);
    made.append(drawn("title", {}, label.slice(0, 300)));
    return made;
  },
};

// The names of open containers, as large as can be read at this scale, where they have room: outer ones first.
function names(boxes, scale) {
  const size = 12 / scale, taken = [], found = [];
  for (const box of boxes.filter((each) => each.isOpen)) {
    const title = /^\d+$/.test(box.title) ? box.path.slice(-2).join(".") : box.title;  // blocks.3, and not 3
    const width = 0.62 * size * title.length, x = box.x + size / 3, y = box.y + size;
    const isFree = taken.every(([x2, y2, width2]) => Math.abs(y - y2) > 1.1 * size || x > x2 + width2 || x2 > x + width);
    if (!isFree || width > box.width || 2 * size > box.height) continue;
    taken.push([x, y, width]);
    found.push(drawn("text", { x, y, style: `font-size:${size}px`, "stroke-width": size / 4 }, title));
  }
  return found;
}

// A line from a box down to another one, or sideways to one that is in the next column, or up.
function curve(from, to) {
  if (to.y < from.y + from.height && to.x >= from.x + from.width) {
    const [x1, y1, x2, y2] = [from.x + from.width, from.y + from.height / 2, to.x, to.y + to.height / 2];
    const bend = Math.min(60, (x2 - x1) / 2);
    return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
  }
  const isDown = to.y >= from.y + from.height;
  const [x1, y1] = [from.x + from.width / 2, isDown ? from.y + from.height : from.y];
  const [x2, y2] = [to.x + to.width / 2, isDown ? to.y : to.y + to.height];
  const bend = Math.min(60, Math.abs(y2 - y1) / 2) * (isDown ? 1 : -1);
  return `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`;
}

function edge(from, to, type, chosen) {
  const isOfChosen = chosen && (from === chosen || to === chosen);
  const isLong = Math.max(Math.abs(to.y - from.y), Math.abs(to.x - from.x)) > LONG;
  return drawn("path", { class: `edge${isOfChosen ? " chosen" : isLong ? " long" : ""}`, d: curve(from, to) }, drawn("title", {}, type));
}

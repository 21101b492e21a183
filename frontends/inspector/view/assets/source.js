// The user's source, beside the IR: each line with what it costs, and those of the selection marked.

class SourcePane {
  // `frameOf` gives the frame of an equation: its own, or that of its twin in a program of another front end.
  constructor(label, frameOf) {
    this.label = label;
    this.frameOf = frameOf;
    this.file = null;
    this.list = new Rows(label, (row) => this.draw(row));
    this.tabs = element("div", { class: "pane-title", role: "tablist", "aria-label": `Files of ${label}` });
    this.root = element("section", { class: "pane source" }, this.tabs, this.list.root);
  }

  // Counts, for each line, the equations at this stage.
  update() {
    const state = selection.state;
    this.lines = new Map();  // by file: line -> equations
    this.flops = 0;
    for (const id of state.all) {
      const frame = this.frameOf(state.equation(id));
      if (!frame) continue;
      for (let at = frame, depth = 0; at; at = selection.trace.frames[at.caller], depth++) {
        const lines = this.lines.get(at.file) ?? this.lines.set(at.file, new Map()).get(at.file);
        const line = lines.get(at.line) ?? lines.set(at.line, { own: new Set(), called: new Set(), time: 0 }).get(at.line);
        line[depth ? "called" : "own"].add(id);
        const time = state.cost(id)[2];
        if (!depth && !state.now.get(id).functions.length && time) line.time += time;
      }
    }
    const made = (file) => [...this.lines.get(file).values()].reduce((sum, line) => sum + line.own.size, 0);
    const files = [...this.lines.keys()].sort((one, other) => made(other) - made(one) || one - other);
    if (!files.includes(this.file)) this.file = files[0] ?? null;
    this.tabs.replaceChildren(...files.map((file) => element("button", {
      role: "tab", "aria-selected": String(file === this.file), title: selection.trace.files[file].path,
      onclick: () => { this.file = file; this.update(); },
    }, selection.trace.files[file].name)));
    if (!files.length) this.tabs.replaceChildren("no source lines are known");
    this.fill();
  }

  fill() {
    const file = selection.trace.files[this.file], lines = this.lines.get(this.file) ?? new Map();
    this.most = Math.max(...[...lines.values()].map((line) => line.time), 0);
    const text = file?.text?.split("\n") ?? [];
    const count = Math.max(text.length, ...lines.keys(), 0);
    this.list.set(Array.from({ length: this.file === null ? 0 : count }, (_, place) => ({
      number: place + 1, text: (text[place] ?? "").replaceAll("\t", "    "), line: lines.get(place + 1),
    })));
  }

  reveal() {
    const marks = this.marks = new Map();
    const chosen = selection.equation === null ? null : this.frameOf(selection.current.equations[selection.equation]);
    for (let at = chosen, depth = 0; at; at = selection.trace.frames[at.caller], depth++) {
      for (let line = at.line; line <= at.end; line++) marks.set(`${at.file}:${line}`, depth ? "caller" : "selected");
    }
    this.span = chosen;
    if (chosen && this.lines.has(chosen.file) && chosen.file !== this.file) {
      this.file = chosen.file;
      this.update();
    }
    if (chosen && chosen.file === this.file) this.list.reveal(chosen.line - 1);
    else this.list.refresh();
  }

  draw({ number, text, line }) {
    const mark = this.marks?.get(`${this.file}:${number}`);
    const own = line?.own.size ?? 0;
    const bar = element("span", { class: "heat", style: `width:${this.most && line ? Math.round(34 * line.time / this.most) : 0}px` });
    return element("div", {
      class: `row line ${mark ?? ""}${own ? " made" : ""}`, role: "option", "aria-selected": String(mark === "selected"),
      "data-line": number, title: own ? `${own} equations here` : null,
      onclick: () => {
        const all = line ? new Set([...line.own, ...(line.own.size ? [] : line.called)]) : null;
        if (all) selection.choose(null, all);
      },
    },
    element("span", { class: "number" }, String(number)), element("span", { class: "heat-box" }, bar),
    element("span", { class: "count" }, own ? String(own) : ""), ...this.text(number, text));
  }

  // The text of a line, with the expression of the selection marked.
  text(number, text) {
    const { span } = this;
    if (!span || span.file !== this.file || span.line !== number || span.end !== number || span.first < 0) return [element("span", { class: "text" }, text)];
    const bytes = new TextEncoder().encode(text), decoder = new TextDecoder();
    const [left, middle, right] = [[0, span.first], [span.first, span.last], [span.last]].map((part) => decoder.decode(bytes.slice(...part)));
    return [element("span", { class: "text" }, left, element("mark", {}, middle), right)];
  }
}

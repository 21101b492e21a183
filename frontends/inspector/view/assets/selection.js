// What is selected, shown and folded now: the one state of the page, which the address keeps.

const selection = {
  trace: null, program: 0, stage: 0, equation: null, lines: null, pane: "code", pins: [], folded: new Set(), listeners: [],

  get current() { return this.trace.programs[this.program]; },
  get state() { return this.current.state(this.stage); },

  // Tells who shows things what has changed: "program", "stage", "equation", "pane", "pins" or "folded".
  tell(what) {
    for (const listener of this.listeners) listener(what);
    const { program, stage, equation, pane } = this;
    const parts = { program, stage: this.current.stages[stage].name, pane };
    if (equation !== null) parts.equation = equation;
    if (this.pins.length === 2) parts.diff = this.pins.map((pin) => this.current.stages[pin].name).join("..");
    address.write(`#${new URLSearchParams(parts)}`);
  },

  choose(equation, lines = null) {
    [this.equation, this.lines] = [equation, lines];
    this.tell("equation");
  },

  // Selects what an equation is, or has become, where it is not at this stage.
  follow(equation) {
    if (!this.state.has(equation)) {
      const place = this.current.stages.findIndex((_, each) => this.current.state(each).has(equation));
      if (place >= 0) this.go(place);
    }
    this.choose(equation);
  },

  go(stage) {
    this.stage = Math.max(0, Math.min(this.current.last, stage));
    this.tell("stage");
  },

  pin(stage) {
    this.pins = this.pins.includes(stage) ? this.pins.filter((each) => each !== stage) : [...this.pins, stage].slice(-2);
    this.pins.sort((one, other) => one - other);
    this.tell("pins");
  },

  show(pane) {
    this.pane = pane;
    this.tell("pane");
  },

  open(program) {
    Object.assign(this, { program, stage: 0, equation: null, lines: null, pins: [] });
    this.tell("program");
  },

  // As an address says.
  read(address) {
    const parts = new URLSearchParams(address.replace(/^#/, ""));
    const program = Number(parts.get("program") ?? 0);
    this.program = this.trace.programs[program] ? program : 0;
    this.stage = Math.max(0, this.current.stageNamed(parts.get("stage") ?? "frontend"));
    const equation = Number(parts.get("equation") || NaN);
    [this.equation, this.lines] = [this.current.equations[equation] ? equation : null, null];
    this.pane = PANES.some(([name]) => name === parts.get("pane")) ? parts.get("pane") : "code";
    const pins = (parts.get("diff") ?? "").split("..").map((name) => this.current.stageNamed(name));
    this.pins = pins.length === 2 && pins.every((pin) => pin >= 0) ? pins : [];
  },

  // Whether an equation belongs to what is selected: itself, or the lines that are.
  has(id) {
    if (this.lines) return this.lines.has(id);
    return id === this.equation;
  },
};

// The page's address. Browsers allow only so many changes of it, so the last of several is written.
const address = {
  write(text) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => location.hash !== text && history.replaceState(null, "", text), 150);
  },
};

// What the page knows: programs, their stages, and what is equal to what.

const GRADIENT = "∇";

// Unpacks the data that stand in the page: JSON, compressed, in base 64.
async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text.trim()), (each) => each.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

class Trace {
  constructor(raw) {
    this.title = raw.title;
    this.versions = raw.versions;
    this.peak = raw.peak;
    this.groups = raw.groups;
    this.strings = raw.strings;
    this.files = raw.files;
    this.redacted = raw.redacted;
    this.frames = raw.frames.map(([file, line, end, first, last, name, scope, caller, text], id) => ({
      id, file, line, end, first, last, caller, function: raw.strings[name], scope: raw.strings[scope],
      text: raw.strings[text],
    }));
    this.programs = raw.programs.map((each, number) => new Program(each, this, number));
  }

  // A place as people write it.
  place(frame) {
    return `${this.files[frame.file].name}:${frame.line}`;
  }
}

class Program {
  constructor(raw, trace, number) {
    Object.assign(this, { trace, number, name: raw.name, title: raw.title, backend: raw.backend, parameters: raw.parameters });
    Object.assign(this, { memory: raw.memory, runs: raw.runs, donate: new Set(raw.donate) });
    const strings = trace.strings;
    this.values = raw.values.map(([name, type]) => ({ name: name < 0 ? null : strings[name], type: strings[type] }));
    this.equations = raw.equations.map(([op, attributes, frame, gradientOf, origin, cost, isView], id) => ({
      id, op: strings[op], attributes: strings[attributes], gradientOf, origin, cost, isView: Boolean(isView),
      frame: frame < 0 ? null : trace.frames[frame],
    }));
    for (const equation of this.equations) equation.path = scopePath(equation);
    this.stages = raw.stages;
    let layout = null, order = null, results = null;
    for (const stage of this.stages) {
      layout = stage.layout = stage.layout ?? layout;
      order = stage.order = stage.order ?? order;
      results = stage.results = stage.results ?? results;
    }
    this.states = [];
    this.twins = raw.twins.map(([program, frames]) => ({ program, frames: new Map(Object.entries(frames).map(([id, frame]) => [Number(id), trace.frames[frame]])) }));
    this.makers = new Map();  // as written, for gradients
    for (const [id, , made] of this.stages[0].news) for (const value of made) this.makers.set(value, id);
    this.gradients = new Map();  // of an equation, those through which its gradient flows
    for (const equation of this.equations) {
      const of = this.forward(equation);
      if (of) this.gradients.set(of.id, [...(this.gradients.get(of.id) ?? []), equation.id]);
    }
  }

  // The equation whose gradient flows through one, if it is of a gradient.
  forward(equation) {
    return equation.gradientOf < 0 ? null : this.equations[this.makers.get(equation.gradientOf)] ?? null;
  }

  // The program at a stage, by its place.
  state(place) {
    if (!this.states[place]) this.states[place] = new State(this, place, place ? this.state(place - 1) : null);
    return this.states[place];
  }

  stageNamed(name) {
    return this.stages.findIndex((stage) => stage.name === name);
  }

  get last() {
    return this.stages.length - 1;
  }
}

function scopePath(equation) {
  const parts = (equation.frame?.scope ?? "").split(/[./]/).filter(Boolean);
  return equation.gradientOf < 0 ? parts : [GRADIENT, ...parts];
}

// One stage: which equations there are, what they read and make, and the names of values.
class State {
  constructor(program, place, before) {
    this.program = program;
    this.place = place;
    this.raw = program.stages[place];
    this.now = new Map(before?.now);
    for (const [id, operands, results, functions, cost] of this.raw.news) {
      this.now.set(id, { operands, results, functions: (functions ?? []).map(nestedFunction, program), cost });
    }
    this.names = new Map();
    this.maker = new Map();
    this.users = new Map();
    this.inside = new Map();  // of a nested equation, the one that it is in
    this.all = [];  // equations in the order in which they are written out
    this.step = new Map();  // of the program's own equations, their place
    this.parameters = new Set(program.parameters);
    this.raw.order.forEach((id, step) => this.step.set(id, step));
    this.enter(program.parameters, this.raw.order, null);
  }

  enter(parameters, order, around) {
    const namer = new Names(this.program, this.names);
    parameters.forEach((value) => namer.give(value));
    for (const id of order) {
      const { operands, results, functions } = this.now.get(id);
      this.all.push(id);
      if (around !== null) this.inside.set(id, around);
      for (const value of operands) {
        if (!this.users.has(value)) this.users.set(value, []);
        this.users.get(value).push(id);
      }
      for (const value of results) {
        namer.give(value);
        this.maker.set(value, id);
      }
      for (const body of functions) this.enter(body.parameters, body.order, id);
    }
  }

  has(id) {
    return this.step.has(id) || this.inside.has(id);
  }

  equation(id) {
    return this.program.equations[id];
  }

  // FLOP, bytes and estimated microseconds of an equation.
  cost(id) {
    return this.now.get(id).cost ?? this.equation(id).cost;
  }

  name(value) {
    return `%${this.names.get(value) ?? value}`;
  }

  label(id) {
    const { results } = this.now.get(id);
    return results.map((value) => this.name(value)).join(", ") || this.equation(id).op;
  }

  // The equation as text, without what is nested in it.
  text(id) {
    const { operands, results } = this.now.get(id), { op, attributes } = this.equation(id);
    const left = results.map((value) => `${this.name(value)}: ${this.program.values[value].type}`).join(", ");
    const right = [op, operands.map((value) => this.name(value)).join(", "), attributes && `{${attributes}}`];
    return `${left} = ${right.filter(Boolean).join(" ")}`;
  }
}

function nestedFunction([name, label, parameters, order, results]) {
  const strings = this.trace.strings;
  return { name: strings[name], label: strings[label], parameters, order, results };
}

// Names as the text form has them: a value's own, with a number where it is taken; the nameless are counted.
class Names {
  constructor(program, found) {
    this.program = program;
    this.found = found;
    this.taken = new Set();
    this.repeats = new Map();
    this.nameless = 0;
  }

  give(value) {
    this.found.set(value, this.unique(this.program.values[value].name));
  }

  unique(name) {
    if (name === null) return String(this.nameless++);
    if (this.taken.has(name)) {
      let count = this.repeats.get(name) ?? 1;
      while (this.taken.has(`${name}_${count}`)) count++;
      this.repeats.set(name, count + 1);
      name = `${name}_${count}`;
    }
    this.taken.add(name);
    return name;
  }
}

// What became of an equation from stage to stage, as `diptych why` tells it.
function story(program, id) {
  const steps = [];
  let current = new Set([id]);
  const origins = [];
  for (let at = program.equations[id]; at.origin >= 0; at = program.equations[at.origin]) {
    origins.unshift(at.origin);
    current = new Set([at.origin]);
  }
  program.stages.forEach((stage, place) => {
    const state = program.state(place);
    if (!place) {
      steps.push({ stage: stage.name, words: "as written", equations: [...current].filter((each) => state.has(each)) });
      return;
    }
    if (!current.size) return;
    const before = program.state(place - 1), news = new Set(stage.news.map(([each]) => each));
    const made = new Set();
    for (const each of current) if (state.has(each)) made.add(each);
    for (const [each] of stage.news) {
      const facts = program.equations[each];
      if (current.has(facts.origin) && !before.now.has(each) && state.has(each)) made.add(each);
    }
    const rules = (stage.replaced ?? []).filter(([, of]) => current.has(of));
    const names = [...new Set(rules.map(([rule]) => program.trace.strings[rule]))].filter((rule) => rule !== "share");
    const by = names.length ? ` by ${names.join(", ")}` : "";
    if (made.size) {
      const isSame = [...made].every((each) => current.has(each) && !news.has(each) && state.inside.get(each) === before.inside.get(each));
      if (!isSame) steps.push({ stage: stage.name, words: wordsFor(made, current, state, before, by), equations: [...made] });
      current = made;
      return;
    }
    const values = rules.length ? rules[rules.length - 1][2] : [];
    const makers = [...new Set(values.map((value) => state.maker.get(value)).filter((each) => each !== undefined))];
    const words = !rules.length ? "gone: nothing reads it" : names.length ? `replaced${by}` : "gone: an equal one is there";
    steps.push({ stage: stage.name, words, equations: makers });
    current = new Set(makers);
  });
  return steps;
}

function wordsFor(made, current, state, before, by) {
  const moved = [...made].find((each) => current.has(each) && state.inside.get(each) !== before.inside.get(each));
  if (moved !== undefined && state.inside.has(moved)) return `moved into ${state.equation(state.inside.get(moved)).op}${by}`;
  return [...made].every((each) => current.has(each)) ? `reads other values${by}` : `became${by}`;
}

// All that is known of the selected equation.

const card = {
  build() {
    this.root = element("aside", { id: "card", "aria-label": "Selected operation", "aria-live": "polite" });
    return this.root;
  },

  update() {
    const { equation, lines, current } = selection;
    const parts = lines ? linesCard(lines) : equation === null ? programCard(current) : equationCard(this.stateOf(equation), equation);
    this.root.replaceChildren(...parts.filter(Boolean));
  },

  // The stage that is shown, or else the first at which the equation is.
  stateOf(equation) {
    const { current, state } = selection;
    const place = current.stages.findIndex((_, each) => current.state(each).has(equation));
    return state.has(equation) ? state : current.state(Math.max(0, place));
  },
};

function section(title, ...children) {
  return element("section", { "data-section": title }, element("h3", {}, title), ...children);
}

function facts(pairs) {
  const rows = pairs.filter(([, value]) => value !== null && value !== "" && value !== undefined);
  return element("dl", {}, ...rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
}

// A button that selects an equation, at whatever stage it is.
function equationLink(state, id, text = null) {
  return element("button", { class: "link", "data-follow": id, onclick: () => selection.follow(id) }, text ?? `${state.label(id)} = ${state.equation(id).op}`);
}

function equationCard(state, id) {
  const { program } = state, { trace } = program, facts_ = state.equation(id), now = state.now.get(id);
  const [flops, bytes, time] = state.cost(id);
  const intensity = typeof flops === "number" && typeof bytes === "number" && bytes ? flops / bytes : null;
  const ridge = trace.peak.gflops / trace.peak.gigabytes;
  const around = state.inside.get(id);
  const parts = [
    element("h2", {}, element("span", { class: `op group-${trace.groups[facts_.op]}` }, facts_.op), " ", state.label(id)),
    state.place !== selection.stage ? element("p", { class: "notice" }, `It is not there at this stage; as it was ${state.place ? `after ${state.raw.name}` : "as written"}:`) : null,
    element("pre", { class: "text" }, state.text(id)),
  ];
  if (facts_.frame) parts.push(section("Source", ...frames(trace, facts_.frame)));
  for (const twin of program.twins) {
    const frame = twin.frames.get(id);
    if (frame) parts.push(section(`In ${trace.programs[twin.program].title}, the same`, ...frames(trace, frame)));
  }
  parts.push(section("Shapes and cost", facts([
    ...now.results.map((value) => [state.name(value), program.values[value].type]),
    ["FLOP", counted(flops)], ["bytes", counted(bytes)], ["FLOP/byte", intensity === null ? "" : intensity.toFixed(2)],
    ["bound by", intensity === null ? "" : intensity >= ridge ? "compute" : "memory"], ["estimate", microseconds(time)],
    ["scope", facts_.path.join(".")],
    ["in", around === undefined ? null : equationLink(state, around)],
  ])));
  const buffer = buffers(program, id);
  if (buffer.length) parts.push(section("Buffer", facts(buffer)));
  const forward = program.forward(facts_), backward = (program.gradients.get(id) ?? []).filter((each) => state.has(each));
  if (forward) parts.push(section("Gradient of", equationLink(program.state(0), forward.id)));
  if (backward.length) {
    parts.push(section("Its gradient flows through", ...backward.slice(0, 12).map((each) => equationLink(state, each)),
      backward.length > 12 ? element("p", { class: "faint" }, `and ${backward.length - 12} more`) : null));
  }
  parts.push(section("History", element("ol", { class: "history" }, ...story(program, id).map((step) => {
    const at = program.state(program.stageNamed(step.stage));
    return element("li", {}, element("button", { class: "link stage", onclick: () => selection.go(at.place) }, step.stage), ` ${step.words}`,
      ...step.equations.slice(0, 4).map((each) => element("div", {}, equationLink(at, each, at.text(each)))));
  }))));
  parts.push(section("Reads", ...[...new Set(now.operands)].map((value) => reading(state, value, around))));
  const users = [...new Set(now.results.flatMap((value) => state.users.get(value) ?? []))];
  const given = around === undefined ? state.raw.results : state.now.get(around).functions.flatMap((body) => body.results);
  const isResult = now.results.some((value) => given.includes(value));
  parts.push(section("Read by", ...users.slice(0, 12).map((each) => equationLink(state, each)),
    users.length > 12 ? element("p", { class: "faint" }, `and ${users.length - 12} more`) : null, isResult ? element("div", { class: "faint" }, around === undefined ? "a result of the program" : "given out of what it is in") : null));
  return parts;
}

// Where a value comes from that is read in `around`: a link to what makes it or, of a parameter of a nested function,
// to what makes the value that is given for it.
function reading(state, value, around, words = "") {
  const maker = state.maker.get(value);
  if (maker !== undefined) return equationLink(state, maker, words ? `${words}${state.label(maker)} = ${state.equation(maker).op}` : null);
  const plain = element("div", { class: "faint" }, `${words}${state.name(value)}, a parameter`);
  if (around === undefined) return plain;
  const { operands, functions } = state.now.get(around);
  const places = functions.filter((body) => body.parameters.length === operands.length).map((body) => body.parameters.indexOf(value));
  const place = places.find((each) => each >= 0);
  return place === undefined ? plain : reading(state, operands[place], state.inside.get(around), `${words}${state.name(value)}, given `);
}

function frames(trace, frame) {
  const parts = [];
  for (let at = frame; at; at = trace.frames[at.caller]) {
    const name = at.function && at.function !== "<module>" ? ` in ${at.function}` : "";
    parts.push(element("div", { class: at === frame ? "frame" : "frame faint" }, element("div", {}, `${trace.place(at)}${name}`), at.text ? element("code", {}, at.text) : null));
  }
  return parts;
}

// Where numpy puts what an equation makes, if it is there in the end.
function buffers(program, id) {
  const state = program.state(program.last);
  if (!program.memory || !state.has(id)) return [];
  const wanted = new Set(state.now.get(id).results);
  return program.memory.placed.filter(([value]) => wanted.has(value)).map(([value, offset, bytes, first, last]) => [
    state.name(value), `${counted(bytes)}B at ${offset}, from step ${first} to ${last}`,
  ]);
}

function linesCard(lines) {
  const state = selection.state, ids = [...lines].filter((id) => state.has(id));
  const sum = (place) => ids.reduce((total, id) => (state.inside.has(id) || typeof state.cost(id)[place] !== "number" ? total : total + state.cost(id)[place]), 0);
  return [
    element("h2", {}, `${ids.length} equation${ids.length === 1 ? "" : "s"} of this line`),
    facts([["FLOP", counted(sum(0))], ["bytes", counted(sum(1))], ["estimate", microseconds(sum(2))]]),
    section("Equations", ...ids.slice(0, 100).map((id) => equationLink(state, id, state.text(id)))),
  ];
}

function programCard(program) {
  const { trace } = program, stage = program.stages[selection.stage];
  const versions = Object.entries(trace.versions).map(([name, version]) => `${name} ${version}`).join(", ");
  return [
    element("h2", {}, program.title),
    facts([
      ["backend", program.backend], ["parameters", String(program.parameters.length)], ["equations", String(stage.equations)], ["bytes", counted(stage.bytes)],
      ["peak of memory", program.memory ? `${counted(program.memory.peak)}B` : ""], ["runs recorded", program.runs ? String(program.runs.count) : ""], ["made by", versions],
    ]),
    trace.redacted ? element("p", { class: "notice" }, "Source text was left out.") : null,
    element("p", { class: "faint" }, "Select an equation, a line or a box to see where it comes from, what became of it and what it costs."),
  ];
}

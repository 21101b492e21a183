// Puts the page together and keeps its parts in step.

const PANES = [["code", "Code"], ["graph", "Graph"], ["cost", "Cost"], ["memory", "Memory"], ["time", "Time"]];

async function start() {
  const data = document.getElementById("data");
  selection.trace = new Trace(await unpacked(data.textContent));
  data.remove();
  if (!selection.trace.programs.length) return void (document.getElementById("loading").textContent = "The trace has no programs.");
  selection.read(location.hash);
  const sources = [new SourcePane("Source", (equation) => equation.frame)];
  const panes = {
    code: element("div", { class: "panes", id: "panes-code" }), graph: graph.build(), cost: costs.build(), memory: memory.build(), time: times.build(),
  };
  const codePane = code.build(), choice = programChoice();
  const tabs = element("div", { role: "tablist", class: "tabs", "aria-label": "Views" }, ...PANES.map(([name, words]) => element("button", {
    role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, onclick: () => selection.show(name),
    onkeydown: (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const place = (PANES.findIndex(([each]) => each === name) + step + PANES.length) % PANES.length;
      selection.show(PANES[place][0]);
      document.getElementById(`tab-${PANES[place][0]}`).focus();
    },
  }, words)));
  const panels = element("main", {}, ...PANES.map(([name]) => element("div", { role: "tabpanel", id: `panel-${name}`, "aria-labelledby": `tab-${name}`, class: "panel" }, panes[name])));
  document.body.replaceChildren(
    element("header", {}, element("strong", {}, "diptych"),
      element("span", { class: "title", title: selection.trace.title }, selection.trace.title), choice, tabs, search.build(), themeButton()),
    element("div", { class: "columns" }, rail.build(), panels, card.build()));

  const updateSources = () => {
    const twins = selection.current.twins;
    const wanted = 1 + twins.length;
    while (sources.length > 1) sources.pop();
    twins.forEach((twin) => sources.push(new SourcePane(`Source of ${selection.trace.programs[twin.program].title}`, (equation) => twin.frames.get(equation.id) ?? null)));
    panes.code.style.gridTemplateColumns = wanted > 1 ? "1fr 1.4fr 1fr" : "1fr 1.5fr";
    panes.code.replaceChildren(sources[0].root, codePane, ...sources.slice(1).map((each) => each.root));
  };
  const current = { code: () => { code.update(); sources.forEach((each) => each.update()); code.reveal(); sources.forEach((each) => each.reveal()); }, graph: () => { graph.update(); graph.reveal(); }, cost: () => costs.update(), memory: () => memory.update(), time: () => times.update() };
  selection.listeners.push((what) => {
    if (what === "program") {
      updateSources();
      choice.value = String(selection.program);
      search.run();
    }
    for (const [name] of PANES) {
      const isShown = name === selection.pane;
      document.getElementById(`panel-${name}`).hidden = !isShown;
      document.getElementById(`tab-${name}`).setAttribute("aria-selected", String(isShown));
      document.getElementById(`tab-${name}`).tabIndex = isShown ? 0 : -1;
    }
    related();
    if (what === "equation" && selection.pane === "code") {
      code.reveal();
      sources.forEach((each) => each.reveal());
    } else if (what === "equation" && selection.pane === "graph") graph.reveal();
    else current[selection.pane]();
    if (what !== "pane") rail.update();
    if (what !== "folded") card.update();
  });
  document.addEventListener("keydown", keys);
  window.addEventListener("hashchange", () => { selection.read(location.hash); updateSources(); selection.tell("program"); });
  const { program, stage, equation, pane, pins } = selection;
  updateSources();
  Object.assign(selection, { program, stage, equation, pane, pins });
  selection.tell("start");
  document.body.dataset.ready = String(Math.round(performance.now()));  // since the page was asked for
}

// What the selected equation reads, what reads it, and its twins: marked, less strongly.
function related() {
  const { equation, state, current } = selection;
  code.related = new Set();
  if (equation === null || !state.has(equation)) return;
  const { operands, results } = state.now.get(equation);
  operands.forEach((value) => state.maker.has(value) && code.related.add(state.maker.get(value)));
  results.forEach((value) => (state.users.get(value) ?? []).forEach((each) => code.related.add(each)));
  const forward = current.forward(current.equations[equation]);
  if (forward) code.related.add(forward.id);
  (current.gradients.get(equation) ?? []).forEach((each) => code.related.add(each));
}

function programChoice() {
  return element("select", { "aria-label": "Program", onchange: (event) => selection.open(Number(event.target.value)) },
    ...selection.trace.programs.map((program, place) => element("option", { value: place, selected: place === selection.program },
      `${program.title} · ${program.stages[0].equations} equations · ${program.backend}`)));
}

function themeButton() {
  const root = document.documentElement;
  return element("button", {
    "aria-label": "Dark or light", title: "dark or light",
    onclick: () => {
      const isDark = (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
      root.dataset.theme = isDark ? "light" : "dark";
    },
  }, "◐");
}

function keys(event) {
  const isTyping = event.target.closest("input[type=search], select");
  if (event.key === "Escape" && isTyping) return void event.target.blur();
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    event.preventDefault();
    search.input.focus();
  } else if (event.key === "[" || event.key === "]") selection.go(selection.stage + (event.key === "]" ? 1 : -1));
  else if (event.key === "n" || event.key === "N") search.step(event.key === "n" ? 1 : -1);
  else if (event.key === "Escape") selection.choose(null);
  else if (/^[1-5]$/.test(event.key)) selection.show(PANES[Number(event.key) - 1][0]);
}

start().catch((error) => {
  document.body.replaceChildren(element("p", { class: "notice" }, `This page could not be shown: ${error.message}. It needs a browser of 2023 or later.`));
  throw error;
});

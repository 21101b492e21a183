// When passes and runs took place, and how long they took.

const times = {
  build() {
    this.body = element("div", { class: "plot" });
    this.title = element("div", { class: "pane-title" });
    return element("section", { class: "pane", id: "time" }, this.title, this.body);
  },

  update() {
    const program = selection.current, { runs } = program;
    const passes = program.stages.filter((stage) => stage.seconds !== undefined);
    const total = passes.reduce((sum, stage) => sum + stage.seconds, 0);
    this.title.textContent = `passes ${microseconds(total * 1e6)}` + (runs ? `; ${runs.count} run${runs.count === 1 ? "" : "s"}, ${microseconds(runs.seconds * 1e6)} in all${runs.compiled ? `; compiled in ${microseconds(runs.compiled[1] * 1e6)}` : ""}` : "; runs were not recorded");
    const bars = passes.map((stage) => ({ name: stage.name, seconds: stage.seconds, isCurrent: program.stageNamed(stage.name) === selection.stage, act: () => selection.go(program.stageNamed(stage.name)) }));
    this.body.replaceChildren(element("h3", {}, "Compiling, pass by pass"), waterfall(bars), ...(runs?.listed.length ? [element("h3", {}, "Runs, since recording began"), runLine(runs)] : []));
  },
};

// Bars one under another, each where it began.
function waterfall(bars) {
  const width = 900, left = 130, total = bars.reduce((sum, bar) => sum + bar.seconds, 0) || 1;
  let begin = 0;
  return drawn("svg", { viewBox: `0 0 ${width} ${bars.length * 22 + 8}`, class: "waterfall", role: "img", "aria-label": "Passes and the time they took" }, ...bars.map((bar, place) => {
    const x = left + (width - left - 90) * begin / total, wide = Math.max(1, (width - left - 90) * bar.seconds / total);
    begin += bar.seconds;
    return drawn("g", { onclick: bar.act, class: bar.isCurrent ? "bar current" : "bar" },
      drawn("text", { class: "tick", x: left - 8, y: place * 22 + 16, "text-anchor": "end" }, bar.name),
      drawn("rect", { x, y: place * 22 + 4, width: wide, height: 16, rx: 3 }),
      drawn("text", { class: "tick", x: x + wide + 6, y: place * 22 + 16 }, microseconds(bar.seconds * 1e6)));
  }));
}

function runLine(runs) {
  const spans = runs.compiled ? [runs.compiled, ...runs.listed] : runs.listed;
  const first = Math.min(...spans.map(([begin]) => begin)), end = Math.max(...spans.map(([begin, seconds]) => begin + seconds));
  const width = 900, x = (second) => 10 + (width - 20) * (second - first) / (end - first || 1);
  const bar = ([begin, seconds], name, words) => drawn("rect", { class: name, x: x(begin), width: Math.max(1, x(begin + seconds) - x(begin)), y: 10, height: 30 }, drawn("title", {}, words));
  return drawn("svg", { viewBox: `0 0 ${width} 64`, class: "waterfall", role: "img", "aria-label": "Compiling and runs over time" },
    runs.compiled ? bar(runs.compiled, "compiling", `compiled in ${microseconds(runs.compiled[1] * 1e6)}`) : null,
    ...runs.listed.map((run, place) => bar(run, "run", `run ${place + 1}: ${microseconds(run[1] * 1e6)}`)),
    drawn("text", { class: "tick", x: 10, y: 58 }, microseconds(first * 1e6)), drawn("text", { class: "tick", x: width - 10, y: 58, "text-anchor": "end" }, microseconds(end * 1e6)));
}

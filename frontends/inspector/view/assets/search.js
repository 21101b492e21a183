// Finds equations by op, name, line, scope or attribute, at this stage; and says of each pass how many it has.

const search = {
  found: [], at: -1, counts: null,

  build() {
    this.input = element("input", {
      type: "search", id: "search", placeholder: "search: op, %name, file:line, scope  ( / )", "aria-label": "Search equations",
      oninput: () => this.run(), onkeydown: (event) => event.key === "Enter" && this.step(event.shiftKey ? -1 : 1),
    });
    this.words = element("span", { class: "faint", "aria-live": "polite" });
    return element("div", { class: "search" }, this.input, this.words);
  },

  run() {
    const wanted = this.input.value.trim().toLowerCase();
    this.found = wanted ? matching(selection.state, wanted) : [];
    this.at = -1;
    this.counts = wanted ? selection.current.stages.map((_, place) => matching(selection.current.state(place), wanted).length) : null;
    this.words.textContent = wanted ? `${this.found.length} found` : "";
    rail.update();
  },

  step(by) {
    if (!this.found.length) return;
    this.at = (this.at + by + this.found.length) % this.found.length;
    this.words.textContent = `${this.at + 1} of ${this.found.length}`;
    selection.choose(this.found[this.at]);
  },
};

function matching(state, wanted) {
  const trace = selection.trace;
  return state.all.filter((id) => {
    const { op, attributes, frame, path } = state.equation(id);
    if (op.includes(wanted) || path.join(".").toLowerCase().includes(wanted) || attributes.toLowerCase().includes(wanted)) return true;
    if (frame && trace.place(frame).toLowerCase().includes(wanted)) return true;
    return state.now.get(id).results.some((value) => state.name(value).toLowerCase().includes(wanted));
  });
}

// The passes, one under another: what each changed, and two to compare.

const rail = {
  isShort: false,

  build() {
    this.list = element("ol", { class: "passes" });
    const short = element("input", { type: "checkbox", id: "short", onchange: (event) => { this.isShort = event.target.checked; this.update(); } });
    return element("nav", { id: "rail", "aria-label": "Passes" },
      element("h2", {}, "Passes"), element("label", { for: "short" }, short, " hide those that change nothing"), this.list,
      element("p", { class: "faint" }, "[ and ] go from pass to pass; pin two to compare them."));
  },

  update() {
    const { current, stage, pins } = selection;
    const longest = Math.max(...current.stages.map((each) => each.seconds ?? 0));
    this.list.replaceChildren(...current.stages.flatMap((each, place) => {
      if (this.isShort && !each.changed && place !== stage) return [];
      const before = current.stages[place - 1];
      const fired = Object.entries(each.fired ?? {}).map(([rule, times]) => `${rule} ${times}`).join(", ");
      const matches = search.counts?.[place];
      const choose = element("button", {
        class: "pass", "aria-current": place === stage ? "step" : null, title: fired || null, "data-stage": each.name, onclick: () => selection.go(place),
      },
      element("span", { class: "pass-name" }, each.name, matches ? element("span", { class: "matches" }, String(matches)) : null),
      element("span", { class: "pass-facts" },
        element("span", {}, before ? change(before.equations, each.equations) || "=" : `${each.equations} ops`),
        element("span", {}, before ? change(before.bytes, each.bytes) ? `${change(before.bytes, each.bytes)}B` : "=" : `${counted(each.bytes)}B`),
        element("span", {}, each.seconds === undefined ? "" : microseconds(each.seconds * 1e6))),
      element("span", { class: "pass-bar" }, element("span", { style: `width:${longest ? 100 * (each.seconds ?? 0) / longest : 0}%` })));
      const pin = element("button", {
        class: "pin", "aria-pressed": String(pins.includes(place)), "aria-label": `Pin ${each.name} to compare`, title: "pin to compare", onclick: () => selection.pin(place),
      }, pins.includes(place) ? "◆" : "◇");
      return [element("li", { class: each.changed ? "" : "unchanged" }, choose, pin)];
    }));
  },
};

"""The page, driven in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from diptych.cli import main
from diptych.inspector.bundles import read
from diptych.inspector.roofline import Peak
from diptych.inspector.subjects import Subject
from diptych.inspector.view.page import page as page_of
from diptych.ir.names import ValueNames

from benchmarks.browser import ready
from tests.inspector.view.test_data import HOSTILE, chain, hostile


class Page:
    """A page that is open. Everything is looked up in what the browser shows."""

    def __init__(self, browser: Any, file: Path, address: str = "") -> None:
        self.browser = browser
        ready(browser, f"{file.as_uri()}{address}")

    def run(self, script: str, *arguments: Any) -> Any:
        return self.browser.execute_script(f"return {script}", *arguments)

    def wait(self, script: str) -> Any:
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.browser, 30).until(lambda _: self.run(script))

    def all(self, selector: str) -> list[Any]:
        return self.browser.find_elements("css selector", selector)

    def one(self, selector: str) -> Any:
        return self.browser.find_element("css selector", selector)

    def texts(self, selector: str) -> list[str]:
        return [each.text for each in self.all(selector)]

    def click(self, selector: str) -> None:
        self.one(selector).click()
        self.settle()

    def settle(self) -> None:
        """Waits until two frames have been drawn."""
        self.browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")

    def press(self, *keys: str) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.browser).send_keys(*keys).perform()
        self.settle()

    def row(self, op: str) -> Any:
        """The first row in sight of this op."""
        return next(each for each in self.all("#code .row.equation") if f"= {op} " in f"{each.text} ")

    @property
    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.browser.get_log("browser")]


@pytest.fixture
def opened(browser: Any, page: Path) -> Iterator[Page]:
    browser.get_log("browser")
    found = Page(browser, page, "#program=1")
    yield found
    assert found.complaints == []


def select_matmul(page: Page) -> None:
    page.one("#search").send_keys("matmul\n")
    page.settle()


def test_source_and_ir_stand_side_by_side(opened: Page) -> None:
    assert opened.texts(".source [role=tab]") == ["train_net.py"]
    assert any("class Block(nn.Module):" in text for text in opened.texts(".source .row"))
    assert opened.one("#code .row").text.startswith("func @step(")


def test_names_are_those_of_the_text(opened: Page, bundle: Path) -> None:
    for number, subject in enumerate(read(bundle)):
        for place, stage in enumerate(subject.stages):
            names = ValueNames(stage)
            wanted = [[f"%{names[result]}" for result in each.results] for each in stage.equations]
            shown = opened.run(
                "(() => { const state = selection.trace.programs[arguments[0]].state(arguments[1]);"
                " return state.raw.order.map((id) => state.now.get(id).results.map((value) => state.name(value))); })"
                "(...arguments)".replace("arguments[0]", "number").replace("arguments[1]", "place").replace("(() =>", "((number, place) =>"),
                number, place,
            )  # fmt: skip
            assert shown == wanted


def test_a_selected_equation_marks_its_line_and_says_all(opened: Page) -> None:
    select_matmul(opened)
    assert "matmul" in opened.one("#code .row.selected").text
    assert opened.one(".source .row.selected").text.endswith("return x + torch.relu(self.inner(x))")
    assert opened.one(".source mark").text == "self.inner(x)"
    assert opened.all(".source .row.caller")
    card = opened.one("#card").text
    assert "Net.layers.0.inner" in card and "in Block.forward" in card and "in Net.forward" in card
    assert "ITS GRADIENT FLOWS THROUGH" in card and "frontend as written" in card
    assert opened.all("#code .row.related")


def test_a_line_selects_its_equations(opened: Page) -> None:
    line = next(each for each in opened.all(".source .row.made") if each.text.endswith("return self.head(x)"))
    line.click()
    opened.settle()
    assert "equations of this line" in opened.one("#card h2").text
    assert {"train_net.py:24"} == {row.text[-15:] for row in opened.all("#code .row.selected")}


def test_a_name_leads_to_where_it_is_made(opened: Page) -> None:
    select_matmul(opened)
    row = opened.one("#code .row.selected")
    value = next(each for each in row.find_elements("css selector", ".value:not(.parameter)")[1:])
    name = value.text
    value.click()
    opened.settle()
    assert opened.one("#code .row.selected").text.startswith(name)


def test_passes_and_what_they_changed(opened: Page) -> None:
    names = [each.get_attribute("data-stage") for each in opened.all(".pass")]
    assert names[:3] == ["frontend", "erase_marks", "simplify"]
    opened.click("[data-stage=fuse]")
    assert "after fuse" in opened.one("#code .pane-title").text
    assert any("fused" in text for text in opened.texts("#code .row"))
    opened.click("#short")
    assert len(opened.all(".pass")) < len(names)
    opened.press("[")
    assert opened.one(".pass[aria-current=step]").get_attribute("data-stage") == names[names.index("fuse") - 1]


def test_two_pinned_passes_are_compared(opened: Page) -> None:
    opened.click("[aria-label='Pin erase_marks to compare']")
    opened.click("[aria-label='Pin fuse to compare']")
    title = opened.one("#code .pane-title").text
    assert title.startswith("erase_marks → fuse:") and "gone" in title and "new" in title
    assert opened.all("#code .row.mark-added") and opened.all("#code .row.mark-removed")
    before, after = (
        set(opened.run(f"selection.current.state(selection.current.stageNamed('{name}')).all"))
        for name in ("erase_marks", "fuse")
    )
    assert f"{len(before - after)} gone" in title and f"{len(after - before)} new" in title
    opened.wait("location.hash.includes('diff=erase_marks..fuse')")
    opened.click("#code .pane-title button")
    assert not opened.all("#code .row.mark-added")


def test_scopes_fold(opened: Page) -> None:
    rows = opened.run("code.rows.length")
    opened.click("[data-scope='Net#0']")
    assert opened.run("code.rows.length") < rows
    assert opened.one("[data-scope='Net#0']").get_attribute("aria-expanded") == "false"
    select_matmul(opened)
    assert "matmul" in opened.one("#code .row.selected").text
    assert opened.one("[data-scope='Net#0']").get_attribute("aria-expanded") == "true"


def test_search_says_how_many_each_pass_has(opened: Page) -> None:
    opened.one("#search").send_keys("net.layers.1")
    count = opened.run("search.found.length")
    assert count > 0 and opened.one(".search .faint").text == f"{count} found"
    assert len(opened.all(".matches")) == len(opened.all(".pass"))
    opened.press("\n", "\n")
    assert opened.one(".search .faint").text == f"2 of {count}"
    assert "layers.1" in opened.one("#card").text


def test_the_graph_opens_and_closes(opened: Page) -> None:
    opened.click("#tab-graph")
    opened.run("(graph.open.clear(), graph.update(true))")
    opened.settle()
    boxes = {each.get_attribute("data-box") for each in opened.all(".box")}
    assert "Net" in boxes and not any(box.startswith("Net/") for box in boxes)
    opened.click("[data-box='Net']")
    opened.click("[data-box='Net/layers']")
    opened.run("graph.fit()")
    opened.settle()
    boxes = {each.get_attribute("data-box") for each in opened.all(".box")}
    assert {"Net/layers/0", "Net/layers/1", "Net/layers/2", "Net/head"} <= boxes
    select_matmul(opened)
    assert opened.all(".edge.chosen") and opened.all(".box.selected")
    opened.click("[data-stage=fuse]")
    opened.run("graph.openAll()")
    assert any("fused" in each for each in opened.run("graph.plan.boxes.map((box) => box.title)"))


def test_boxes_stand_apart_and_in_their_containers(opened: Page) -> None:
    opened.click("#tab-graph")
    for stage in ("frontend", "fuse"):
        opened.click(f"[data-stage={stage}]")
        opened.run("graph.openAll()")
        wrong = opened.run("""(() => {
          const wrong = [], apart = (one, other) => one.x + one.width <= other.x || other.x + other.width <= one.x || one.y + one.height <= other.y || other.y + other.height <= one.y;
          for (const outer of graph.plan.boxes.filter((box) => box.isOpen)) {
            outer.inner.forEach((box, place) => {
              if (box.x < outer.x || box.y < outer.y || box.x + box.width > outer.x + outer.width || box.y + box.height > outer.y + outer.height) wrong.push([outer.title, box.title]);
              for (const other of outer.inner.slice(place + 1)) if (!apart(box, other)) wrong.push([box.title, other.title]);
            });
          }
          return wrong;
        })()""")
        assert wrong == [] and opened.run("graph.plan.boxes.filter((box) => box.isOpen).length") > 3


def test_long_graphs_go_on_in_columns(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "chain.html"
    file.write_text(page_of([Subject(chain(1000), "numpy")], title="chain", peak=Peak(100, 20)))
    opened = Page(browser, file, "#pane=graph&stage=frontend")
    opened.run("graph.openAll()")
    opened.settle()
    width, height = opened.run("[graph.plan.width, graph.plan.height]")
    assert 0.5 < width / height < 2 and opened.run("graph.view.scale") > 0.1
    boxes = opened.run("graph.plan.boxes.map((box) => [box.x, box.y])")
    assert len(boxes) == 1000 and len({x for x, _ in boxes}) > 10
    steps = [(x2 > x1, y2 > y1) for (x1, y1), (x2, y2) in pairwise(boxes)]
    assert set(steps) == {(False, True), (True, False)}  # down, or on to the top of the next column


def test_from_far_off_the_graph_is_a_map(opened: Page) -> None:
    opened.click("#tab-graph")
    opened.run("graph.openAll()")
    opened.run("graph.scaleBy(0.01)")
    opened.settle()
    assert not opened.all(".box text") and "far" in opened.one("svg.graph").get_attribute("class").split()
    opened.run("graph.scaleBy(15)")
    opened.settle()
    names = [each.text for each in opened.all(".names text")]
    assert "Net" in names and "layers.0" in names and not any(name.isdecimal() for name in names)
    opened.run("graph.scaleBy(9)")
    select_matmul(opened)
    assert not opened.all(".names text") and opened.all(".box text")


def test_colours_are_explained(opened: Page) -> None:
    opened.click("#tab-graph")
    kinds = [each.text for each in opened.all(".legend > span")]
    assert {"contraction", "elementwise", "reduction"} <= set(kinds) and "linalg" not in kinds
    used = "[...new Set(selection.current.equations.map((each) => selection.trace.groups[each.op]))].sort()"
    assert kinds == opened.run(used)


def test_what_is_read_in_a_group_leads_outside(opened: Page) -> None:
    opened.click("[data-stage=fuse]")
    given = "[...document.querySelectorAll('[data-section=Reads] .link')].some((each) => each.textContent.includes(', given %'))"
    opened.run(f"[...selection.state.inside.keys()].find((id) => {{ selection.choose(id); return {given}; }})")
    opened.settle()
    links = [each for each in opened.all("[data-section='Reads'] .link") if ", given %" in each.text]
    assert links
    name = links[0].text.split(", given ")[1].split(" = ")[0]
    links[0].click()
    opened.settle()
    assert name in opened.one("#card h2").text and not opened.run("selection.state.inside.has(selection.equation)")


def test_gradients_are_linked_with_what_they_are_of(opened: Page) -> None:
    opened.click("#tab-graph")
    opened.run("graph.openAll()")
    select_matmul(opened)
    assert opened.all(".edge.twin")
    opened.one("[data-section='Its gradient flows through'] .link").click()
    opened.settle()
    assert "GRADIENT OF" in opened.one("#card").text and "∇" in opened.one("#card").text


def test_costs(opened: Page, bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opened.click("#tab-cost")
    from selenium.webdriver.support.ui import Select

    assert main(["cost", str(bundle), "--by", "op", "--peak", "100", "--bandwidth", "20", "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()][1]["op"]
    found = {row[0]: row[1:] for row in table(opened)}
    assert set(found) == {each["name"] for each in told}
    for each in told:
        assert int(found[each["name"]][0]) == int(each["what"].split()[0])
        assert found[each["name"]][4] == each["bound"]
    Select(opened.one("#cost-by")).select_by_visible_text("module")
    assert any(row[0] == "Net.layers.0.inner" for row in table(opened))
    assert opened.all(".point")
    opened.all(".point")[-1].click()
    assert opened.all(".point.selected")


def table(page: Page) -> list[list[str]]:
    return page.run(
        "[...document.querySelectorAll('.panel:not([hidden]) tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent))"
    )


def test_memory_and_time(opened: Page) -> None:
    opened.click("#tab-memory")
    rows = table(opened)
    assert opened.all(".slot") and opened.all("line.peak") and "(other)" in [row[0] for row in rows]
    opened.all(".slot")[0].click()
    assert "BUFFER" in opened.one("#card").text
    opened.click("#tab-time")
    assert opened.all(".waterfall .bar") and opened.all(".waterfall .run")
    assert "; 2 runs," in opened.one("#time .pane-title").text


def test_an_address_leads_to_an_equation_at_a_pass(browser: Any, page: Path) -> None:
    opened = Page(browser, page, "#program=1&stage=simplify&pane=code&equation=60")
    assert opened.one(".pass[aria-current=step]").get_attribute("data-stage") == "simplify"
    assert opened.run("selection.equation") == 60 and opened.all("#code .row.selected")
    assert Page(browser, page, "#program=99&stage=none&equation=x&pane=none&diff=a..b").run("selection.pane") == "code"


def test_equations_can_be_selected_at_every_pass(opened: Page) -> None:
    select = """(() => {
      let shown = 0;
      selection.go(arguments[0]);
      for (const { id } of selection.current.equations) {
        if (id % 11) continue;
        selection.choose(id);
        shown += document.querySelector("#card h2").textContent.startsWith(selection.current.equations[id].op + " ");
      }
      return shown;
    })()"""
    for place in range(opened.run("selection.current.stages.length")):
        wanted = opened.run("selection.current.equations.filter(({ id }) => id % 11 === 0).length")
        assert opened.run(select.replace("arguments[0]", str(place))) == wanted > 10


def test_keys_reach_everything(opened: Page) -> None:
    opened.press("/")
    assert opened.run("document.activeElement.id") == "search"
    opened.press("matmul\n")
    first = opened.run("selection.equation")
    opened.run("document.querySelector('#code .rows').focus()")
    opened.press("\ue015")  # down
    assert opened.run("selection.equation") != first
    for number, name in enumerate(("code", "graph", "cost", "memory", "time"), 1):
        opened.press(str(number))
        assert opened.one(f"#tab-{name}").get_attribute("aria-selected") == "true"
    opened.run("document.getElementById('tab-time').focus()")
    opened.press("\ue014")  # right
    assert opened.one("#tab-code").get_attribute("aria-selected") == "true"
    unnamed = opened.run(
        "[...document.querySelectorAll('button, select, input')].filter((each) => !each.textContent.trim() && !each.ariaLabel && !each.labels?.length).length"
    )
    assert unnamed == 0


def test_dark_and_light(opened: Page) -> None:
    def back() -> str:
        return opened.run("getComputedStyle(document.body).backgroundColor")

    before = back()
    opened.click("[aria-label='Dark or light']")
    assert back() != before
    opened.click("[aria-label='Dark or light']")
    assert back() == before


def test_hostile_names_are_shown_and_not_run(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "hostile.html"
    file.write_text(page_of([Subject(hostile(), "numpy")], title=HOSTILE, peak=Peak(9, 9)), encoding="utf-8")
    opened = Page(browser, file)
    for pane in ("code", "graph", "cost", "memory", "time"):
        opened.click(f"#tab-{pane}")
    opened.run("selection.choose(0)")
    assert HOSTILE in opened.one("header .title").text and "script>:1" in opened.one("#card").text
    assert f"@{HOSTILE}" in opened.one("header select").text
    from selenium.common.exceptions import NoAlertPresentException

    with pytest.raises(NoAlertPresentException):
        _ = browser.switch_to.alert
    assert opened.run("document.scripts.length") == 0 and opened.complaints == []
    assert "script-src 'sha256-" in file.read_text()


def test_10000_equations(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "large.html"
    file.write_text(page_of([Subject(chain(10_000), "numpy")], title="large", peak=Peak(9, 9)), encoding="utf-8")
    opened = Page(browser, file)
    assert len(opened.all("#code .row")) < 200 and opened.run("code.rows.length") == 10_002
    opened.run("selection.choose(9999)")
    opened.settle()
    assert opened.one("#code .row.selected").text.startswith("%v10000")
    for pane in ("graph", "cost", "memory", "time"):
        opened.click(f"#tab-{pane}")
    assert opened.run("graph.plan.boxes.length") == 10_000
    opened.click("[data-stage=fuse]")
    assert opened.complaints == []


def test_two_front_ends_beside_one_program(browser: Any, tmp_path: Path) -> None:
    (tmp_path / "with_tensorflow.py").write_text(
        "import diptych.static as tf\nx = tf.placeholder(tf.float32, [4, 3], 'x')\ny = tf.exp(x) * tf.exp(x)\n"
        "tf.Session().run(y, {x: [[1.0] * 3] * 4})\n"
    )
    (tmp_path / "with_pytorch.py").write_text(
        "import diptych.eager as torch\nimport numpy as np\nx = torch.tensor(np.ones((4, 3), np.float32))\n"
        "y = torch.exp(x) * torch.exp(x)\ny.tolist()\n"
    )
    (tmp_path / "both.py").write_text(
        "import runpy\nfor name in ('with_tensorflow', 'with_pytorch'):\n    __import__(name)\n"
    )
    page, bundle = str(tmp_path / "both.html"), str(tmp_path / "both.dipt")
    assert main(["trace", str(tmp_path / "both.py"), "-o", bundle, "--backend", "numpy"]) == 0
    assert main(["view", bundle, "-o", page, "--peak", "9", "--bandwidth", "9"]) == 0
    opened = Page(browser, Path(page))
    assert len(opened.all(".source")) == 2
    opened.one("#search").send_keys("exp\n")
    opened.settle()
    marked = [each.text for each in opened.all(".source .row.selected")]
    assert (
        len(marked) == 2
        and any("tf.exp(x)" in text for text in marked)
        and any("torch.exp(x)" in text for text in marked)
    )

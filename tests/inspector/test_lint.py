"""What lint finds, and what it does not."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diptych.cli import main
from diptych.inspector.bundles import recording, write
from diptych.inspector.lint import lint
from diptych.inspector.lints.finding import Finding, by_line, in_programs
from diptych.inspector.lints.looked import Looked
from diptych.inspector.subjects import Subject
from diptych.inspector.tables import listed
from diptych.ir import Builder, Constant, Function, Location, TensorType, dtypes, parse

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


class Linter:
    """Runs the verb on a script of the static or the eager front end, or on text of the IR."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys

    def script(self, source: str) -> list[dict[str, Any]]:
        file = self.folder / "program.py"
        file.write_text(source)
        return self.run(str(file))

    def run(self, *arguments: str) -> list[dict[str, Any]]:
        assert main(["lint", "--backend", "numpy", "--json", *arguments]) == 0
        *found, total = [json.loads(line) for line in self.capsys.readouterr().out.splitlines()]
        assert total["findings"] == len(found) and total["programs"] > 0
        return found

    def only(self, rule: str, source: str) -> dict[str, Any]:
        """The one finding by a rule."""
        (found,) = [each for each in self.script(source) if each["rule"] == rule]
        return found

    def rules(self, source: str) -> list[str]:
        return [each["rule"] for each in self.script(source)]


@pytest.fixture
def linter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Linter:
    return Linter(tmp_path, capsys)


def found_in(text: str | Function, rule: str) -> list[Finding]:
    function = parse(text) if isinstance(text, str) else text
    return [each for each in lint(Looked([Subject(function, "numpy")])) if each.rule == rule]


def said(finding: dict[str, Any]) -> str:
    """What a finding says, with all seconds as one."""
    return re.sub(r"\d+\.\d\d s\b", "? s", finding["says"])


EAGER = "import diptych.eager as torch\nimport numpy as np\nfrom diptych.eager import nn\n"
STATIC = "import diptych.static as tf\nimport numpy as np\ntf.reset_default_graph()\n"

# -- the verb ----

POWERS = """func @f(%x: f32[256,256], %unused: f32[3]) -> (f32[256,256]) {
  %c: f32[] = constant {value=f32[] 3.0}
  %w: f32[256,256] = broadcast %c {shape=[256, 256], axes=[]}
  %y: f32[256,256] = pow %x, %w  // model.py:7
  return %y
}
"""


def test_the_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "f.ir"
    path.write_text(POWERS)
    assert main(["lint", str(path), "--backend", "numpy"]) == 0
    assert (
        capsys.readouterr().out
        == """\
model.py:7
  pow: 1 power by 3, of 65.5k elements, which no pass makes faster: about 85 us a run, where 13 us would do
  try: x * x * x

model.py:7
  unread: @f does not read 1 of its 2 parameters: %unused: f32[3]
  try: leave them out

2 findings in 1 program
not looked for, since no script ran: growing-graph, host-read, repeated-run, untrained
"""
    )


def test_json_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "f.ir"
    path.write_text(POWERS)
    assert main(["lint", str(path), "--backend", "numpy", "--json"]) == 0
    *found, total = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    left_out = ["growing-graph", "host-read", "repeated-run", "untrained"]
    assert total == {"findings": 2, "programs": 1, "left_out": left_out}
    texts = [each.text() for each in lint(Looked([Subject(parse(POWERS), "numpy")]))]
    again = [f"{f['file']}:{f['line']}\n  {f['rule']}: {f['says']}\n  try: {f['instead']}\n" for f in found]
    assert again == texts
    assert (found[0]["exponents"], found[0]["elements"], found[0]["count"]) == ([3.0], 65536, 1)
    assert found[1]["parameters"] == ["%unused: f32[3]"]


def test_the_exit_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad, good = tmp_path / "bad.ir", tmp_path / "good.ir"
    bad.write_text(POWERS)
    good.write_text("func @g(%x: f32[2]) -> (f32[2]) {\n  return %x\n}\n")
    assert main(["lint", str(bad), "--exit-code"]) == 1
    capsys.readouterr()
    assert main(["lint", str(good), "--exit-code"]) == 0
    assert capsys.readouterr().out.startswith("nothing found in 1 program\nnot looked for, since no script ran: ")


def test_a_bad_target(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", "absent.py"]) == 2
    assert capsys.readouterr().err == "diptych: absent.py: there is no such file\n"


@pytest.mark.parametrize("name", ["digits_static", "digits_eager"])
def test_nothing_is_found_in_the_examples(name: str, linter: Linter) -> None:
    train = {"digits_static": "train(digits.network_logits, 0.2)", "digits_eager": "train(digits.network, 0.2)"}[name]
    source = f"import sys\nsys.path.insert(0, {str(EXAMPLES)!r})\nimport {name} as digits\ndigits.EPOCHS = 1\n"
    assert linter.script(f"{source}digits.{train}\n") == []


def test_a_bundle_of_a_script_says_what_the_script_does(linter: Linter) -> None:
    script, bundle = linter.folder / "program.py", linter.folder / "program.dipt"
    script.write_text(f"{EAGER}for n in range(2, 8):\n    torch.ones(n, 8).exp().sum().item()\n")
    with recording(bundle):
        runpy.run_path(str(script))
    (direct,), (recorded,) = linter.run(str(script)), linter.run(str(bundle))
    assert said(direct) == said(recorded) and direct["varied"] == recorded["varied"]
    assert direct["runs"] == recorded["runs"] == 6 and 0 < recorded["seconds"] < 60


# -- recompiled ----


def test_sizes_of_what_is_made(linter: Linter) -> None:
    found = linter.only(
        "recompile-risk", f"{EAGER}for n in range(3, 15):\n    print(torch.ones(n, 8).exp().sum().item())\n"
    )
    assert said(found) == (
        "12 programs are alike but for sizes, each to be compiled by itself: size 0 of broadcast was 3, 4, 5 and 9 more; "
        "for 12 runs compiling them takes ? s"
    )
    assert found["varied"][0] == {"of": "size 0 of broadcast", "count": 12, "values": list(range(3, 15))}
    assert found["instead"] == "pad to a few sizes, or leave out the last, smaller batch (drop_last=True)"


def test_sizes_that_are_fed() -> None:
    text = "func @f(%x: f32[SIZE,4]) -> (f32[SIZE,4]) {\n  %y: f32[SIZE,4] = exp %x  // a.py:3\n  return %y\n}\n"
    subjects = [Subject(parse(text.replace("SIZE", str(size))), "numpy") for size in (2, 5, 9)]
    (found,) = lint(Looked(subjects))
    assert (
        found.says == "3 programs are alike but for sizes, each to be compiled by itself: size 0 of %x was 2, 5 and 9"
    )
    assert str(found.place) == "a.py:3" and found.figures["runs"] is None


def test_numbers_that_are_made_anew(linter: Linter) -> None:
    found = linter.only(
        "recompile-risk",
        f"{STATIC}rate = tf.Variable(0.5)\nwith tf.Session() as session:\n    session.run(rate.initializer)\n"
        "    for step in range(12):\n        session.run(tf.assign(rate, 0.5 ** step))\n",
    )
    assert (found["kind"], found["count"], found["line"]) == ("constant", 12, 8)
    assert said(found) == (
        "12 programs are alike but for constants, each to be compiled by itself: a number was 1, 0.5, 0.25 and 9 more; "
        "for 12 runs compiling them takes ? s"
    )


def test_numbers_in_operations() -> None:
    text = (
        "func @f(%x: f32[8]) -> (f32[2]) {\n"
        "  %y: f32[2] = slice %x {start=[START], limit=[LIMIT], stride=[1]}  // a.py:3\n  return %y\n}\n"
    )
    texts = [text.replace("START", str(start)).replace("LIMIT", str(start + 2)) for start in range(4)]
    (found,) = lint(Looked([Subject(parse(each), "numpy") for each in texts]))
    assert found.says == (
        "4 programs are alike but for numbers in their operations, each to be compiled by itself: start of slice was 0, 1, 2 and 1 "
        "more and limit of slice was 2, 3, 4 and 1 more"
    )


def test_what_is_run_often_pays(linter: Linter) -> None:
    source = f"{EAGER}for n in range(2, 8):\n    for _ in range(RUNS):\n        torch.ones(n, 8).exp().sum().item()\n"
    assert "recompile-risk" in linter.rules(source.replace("RUNS", "2"))
    assert "recompile-risk" not in linter.rules(source.replace("RUNS", "12"))


def test_programs_of_other_lines_are_no_group() -> None:
    text = "func @f(%x: f32[SIZE]) -> (f32[SIZE]) {\n  %y: f32[SIZE] = exp %x  // a.py:SIZE\n  return %y\n}\n"
    assert lint(Looked([Subject(parse(text.replace("SIZE", str(size))), "numpy") for size in range(2, 8)])) == []


def test_the_sign_of_zero_is_no_number_that_varies() -> None:
    text = """func @f() -> (f32[], f32[]) {
      %a: f32[] = constant {value=f32[] LEFT}
      %b: f32[] = constant {value=f32[] RIGHT}
      return %a, %b
    }"""
    zeros = [("0.0", "0.0"), ("-0.0", "0.0"), ("0.0", "-0.0")]
    texts = [text.replace("LEFT", left).replace("RIGHT", right) for left, right in zeros]
    assert lint(Looked([Subject(parse(each), "numpy") for each in texts])) == []


def test_arrays_and_numbers_that_are_none() -> None:
    text = "func @f() -> (f32[2], f32[]) {\n  %a: f32[2] = constant {value=f32[2] [1.0, X]}  // a.py:1\n"
    text += "  %b: f32[] = constant {value=f32[] nan}\n  return %a, %b\n}\n"
    (found,) = lint(Looked([Subject(parse(text.replace("X", str(number))), "numpy") for number in (2.0, 3.0, 4.0)]))
    assert re.fullmatch(
        r"3 programs are alike but for constants, each to be compiled by itself: a number was f32\[2\] data \w{8}, "
        r"f32\[2\] data \w{8} and f32\[2\] data \w{8}",
        found.says,
    )


# -- growing graphs ----


def test_operations_that_are_made_in_a_loop(linter: Linter) -> None:
    found = linter.only(
        "growing-graph",
        f"{STATIC}x = tf.placeholder(tf.float32, [3])\nwith tf.Session() as session:\n    for step in range(12):\n"
        "        y = x * 2.0\n        session.run(y, {x: np.ones(3, np.float32)})\n",
    )
    assert (found["line"], found["text"], found["count"]) == (7, "y = x * 2.0", 11)  # the first is no growth
    assert found["says"] == (
        "22 operations made between runs, 11 times: the graph has 25 now, and each time all that runs behind is planned "
        "and lowered anew"
    )


def test_a_graph_that_is_made_before_it_is_run(linter: Linter) -> None:
    source = (
        f"{STATIC}x = tf.placeholder(tf.float32, [3])\ny = x * 2.0\nwith tf.Session() as session:\n"
        "    for step in range(12):\n        session.run(y, {x: np.ones(3, np.float32)})\n"
    )
    assert linter.rules(source) == []


# -- values that are read ----

TRAINING = f"""{EAGER}
model = nn.Linear(8, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(20):
    optimizer.zero_grad()
    loss = model(torch.ones(4, 8)).square().mean()
    loss.backward()
    optimizer.step()
"""


def test_a_loss_that_is_read_in_every_step(linter: Linter) -> None:
    found = linter.only("host-read", f"{TRAINING}    print(loss.item())\n")
    assert found["text"] == "print(loss.item())"
    assert re.fullmatch(
        r"20 runs of 21 ended here, where Python wanted a value \(\.item\(\)\) and waited: \? s in all, for \d+ calls each "
        "time",
        said(found),
    )
    assert found["causes"] == {".item()": 20}
    assert found["instead"] == "keep loss.detach() in a list and read it behind the loop, or in every hundredth step"


def test_branches_on_values(linter: Linter) -> None:
    found = linter.only(
        "host-read", f"{EAGER}x = torch.ones(3)\nfor _ in range(12):\n    x = x + 1\n    if x.sum() > 9: x = x - 1\n"
    )
    assert found["causes"] == {"bool()": 12} and found["instead"] == "torch.where, or a loop of a fixed length"


def test_a_loss_that_is_read_at_times(linter: Linter) -> None:
    assert linter.rules(f"{TRAINING}    if step % 10 == 0:\n        print(loss.item())\n") == []
    assert linter.rules(f"{TRAINING}print(loss.item())\n") == []


# -- runs that repeat each other ----

RUNS = f"""{STATIC}
x = tf.placeholder(tf.float32, [4, 8])
w = tf.Variable(tf.ones([8, 3]))
y = tf.matmul(x, w)
loss, accuracy = tf.reduce_mean(y * y), tf.reduce_max(y)
train = tf.train.GradientDescentOptimizer(0.01).minimize(loss)
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for step in range(12):
        feeds = {{x: np.full((4, 8), step, np.float32)}}
"""


def test_runs_on_the_same_feeds(linter: Linter) -> None:
    found = linter.only(
        "repeated-run", f"{RUNS}        session.run(loss, feeds)\n        session.run(accuracy, feeds)\n"
    )
    assert (found["text"], found["count"], found["behind"]) == ("session.run(accuracy, feeds)", 12, 14)
    assert found["says"] == (
        "12 times this runs right behind line 14, on the same feeds, and computes 1 of its 2 equations as that did: 192 of "
        "204 FLOP"
    )
    assert found["instead"] == "fetch both in one run, session.run([..., ...], feed_dict)"


def test_a_run_behind_one_that_changes_variables(linter: Linter) -> None:
    found = linter.only("repeated-run", f"{RUNS}        session.run(train, feeds)\n        session.run(loss, feeds)\n")
    assert found["instead"].endswith("session.run([..., ...], feed_dict), from before the variables change")


def test_runs_that_do_not_repeat_each_other(linter: Linter) -> None:
    once = f"{RUNS}        session.run([loss, accuracy], feeds)\n"
    other = (
        f"{RUNS}        session.run(loss, feeds)\n        session.run(accuracy, {{x: np.zeros((4, 8), np.float32)}})\n"
    )
    seldom = f"{RUNS}        session.run(loss, feeds)\n        if step % 3 == 0: session.run(accuracy, feeds)\n"
    for source in (once, other, seldom):
        assert "repeated-run" not in linter.rules(source)


# -- double precision ----


def test_an_argument_of_double_precision(linter: Linter) -> None:
    found = linter.only(
        "double-precision",
        f"{EAGER}x = torch.from_numpy(np.ones((64, 64), np.float32))\nscale = torch.from_numpy(np.ones(64))\n"
        "print((x * scale).exp().sum().item())\n",
    )
    assert found["text"] == "print((x * scale).exp().sum().item())"
    assert (found["kind"], found["type"]) == ("argument", "f64[64]")
    assert found["says"].startswith("an argument comes in as f64[64]: by it ")
    assert found["instead"] == "array.astype(np.float32) before it comes in, or tensor.float()"


DOUBLE = """func @f(%x: f32[64,64]) -> (f64[64,64]) {
  %y: f64[64,64] = cast %x {dtype=f64}  // a.py:3
  %z: f64[64,64] = exp %y  // a.py:4
  return %z
}
"""


def test_values_that_become_double() -> None:
    (found,) = found_in(DOUBLE, "double-precision")
    assert str(found.place) == "a.py:3" and found.count == 2
    assert found.says == (
        "values become f64[64,64]: by it 2 equations compute in double precision and move 115kB a run, twice what single "
        "precision does"
    )


def test_who_says_double_means_it() -> None:
    function = parse(DOUBLE)
    (cast, exp) = function.equations
    line = Location("a.py", 3, "y = x.double()")
    said_so = cast.__class__(cast.op, cast.operands, cast.attributes, cast.results, line)
    other = Function(function.name, function.parameters, (said_so, exp), function.results)
    assert found_in(other, "double-precision") == []


def test_programs_that_are_double_all_over_and_small_ones() -> None:
    assert (
        found_in(DOUBLE.replace("%x: f32", "%x: f64").replace("cast %x {dtype=f64}", "neg %x"), "double-precision")
        == []
    )
    assert found_in(DOUBLE.replace("64,64", "4,4"), "double-precision") == []


def test_constants_and_what_is_made() -> None:
    b = Builder("f")
    x = b.parameter(TensorType(dtypes.f32, (64, 64)), "x")
    data = b.constant(value=Constant(np.random.default_rng(0).random((64, 64))))
    (found,) = found_in(b.finish([b.add(b.cast(x, dtype=dtypes.f64), data)]), "double-precision")
    assert found.figures["kind"] == "constant"
    b = Builder("f")
    x = b.parameter(TensorType(dtypes.c64, (64, 64)), "x")
    made = b.iota(shape=(64, 64), axis=0, dtype=dtypes.f64)
    (found,) = found_in(b.finish([b.add(x, x), b.exp(b.complex(made, made))]), "double-precision")
    assert found.says.startswith("values are made as f64[64,64]: by it 3 equations ")


# -- large constants ----


def test_data_that_is_in_programs(linter: Linter) -> None:
    source = (
        f"{STATIC}data = np.random.default_rng(0).random((600, 600)).astype(np.float32)\ntable = tf.constant(data)\n"
        "with tf.Session() as session:\n    session.run(tf.exp(table))\n    session.run(tf.sin(table))\n"
    )
    found = linter.only("large-constant", source)
    assert (found["text"], found["count"]) == ("table = tf.constant(data)", 1)
    assert found["says"] == "1.44MB of constants lie in 2 programs, and stay in memory with them"
    assert linter.rules(source.replace("(600, 600)", "(60, 60)")) == []


def test_data_that_a_variable_begins_with(linter: Linter) -> None:
    found = linter.only(
        "large-constant",
        f"{STATIC}data = np.random.default_rng(0).random((600, 600)).astype(np.float32)\ntable = tf.Variable(data)\n"
        "with tf.Session() as session:\n    session.run(table.initializer)\n",
    )
    assert found["says"] == (
        "1.44MB of constants lie in 1 program as the first value of a variable, and stay in memory with it"
    )
    assert found["instead"] == "variable.load(array, session), or a placeholder as the initial value"


def test_one_number_all_over_is_no_data() -> None:
    b = Builder("f")
    x = b.parameter(TensorType(dtypes.f32, (600, 600)), "x")
    ones = b.constant(value=Constant(np.ones((600, 600), np.float32)))
    assert lint(Looked([Subject(b.finish([b.add(x, ones)]), "numpy")])) == []


# -- powers ----


@pytest.mark.parametrize(("exponent", "instead"), [("2.0", "the square, x * x"), ("0.5", "sqrt(x)"), ("-1.0", "1 / x")])
def test_powers(exponent: str, instead: str) -> None:
    (found,) = found_in(POWERS.replace("3.0", exponent), "pow")
    assert found.instead == instead


def test_powers_that_passes_make_otherwise_and_others() -> None:
    for exponent in ("1.0", "0.0", "2.5"):
        assert found_in(POWERS.replace("3.0", exponent), "pow") == []
    assert found_in(POWERS.replace("256,256", "16,16").replace("256, 256", "16, 16"), "pow") == []


def test_powers_of_users(linter: Linter) -> None:
    found = linter.only(
        "pow",
        f"{STATIC}x = tf.placeholder(tf.float32, [300, 300])\ny = tf.reduce_sum(x ** 3 + tf.pow(x, 2.0))\n"
        "with tf.Session() as session:\n    session.run(y, {x: np.ones((300, 300), np.float32)})\n",
    )
    assert (found["count"], found["exponents"], found["elements"]) == (2, [2.0, 3.0], 180_000)
    assert found["instead"] == "the square, x * x and x * x * x"
    eager = f"{EAGER}x = torch.ones(300, 300)\nprint((x ** 3 + x ** 2 + x ** 0.5).sum().item())\n"
    assert linter.rules(eager) == []  # which the front end writes as products


# -- logarithms ----


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (f"{EAGER}print(torch.softmax(torch.ones(4, 3), 1).log().sum().item())\n", "softmax"),
        (f"{EAGER}print(torch.log(torch.sigmoid(torch.ones(4, 3))).sum().item())\n", "sigmoid"),
        (f"{STATIC}y = tf.log(tf.nn.softmax(tf.ones([4, 3])))\nwith tf.Session() as s:\n    s.run(y)\n", "softmax"),
        (f"{STATIC}y = tf.log(tf.sigmoid(tf.ones([4, 3])))\nwith tf.Session() as s:\n    s.run(y)\n", "sigmoid"),
    ],
)
def test_logarithms(source: str, kind: str, linter: Linter) -> None:
    found = linter.only("log-softmax", source)
    below = "the largest" if kind == "softmax" else "0"
    assert found["says"] == (
        f"1 logarithm of a {kind} f32[4,3]: -inf, with a gradient of nan, where a logit lies 104 below {below}"
    )


@pytest.mark.parametrize(
    "source",
    [
        f"{EAGER}print(torch.log_softmax(torch.ones(4, 3), 1).sum().item())\n",
        f"{EAGER}x = torch.ones(4, 3)\nprint(nn.functional.binary_cross_entropy(torch.sigmoid(x), x).item())\n",
        f"{EAGER}print((torch.softmax(torch.ones(4, 3), 1) + 1e-6).log().sum().item())\n",
        f"{STATIC}y = tf.log(tf.clip_by_value(tf.nn.softmax(tf.ones([4, 3])), 1e-6, 1.0))\n"
        "with tf.Session() as s:\n    s.run(y)\n",
    ],
)
def test_logarithms_that_are_safe(source: str, linter: Linter) -> None:
    assert linter.rules(source) == []


def test_from_where_an_exponential_is_zero() -> None:
    from diptych.inspector.lints.softmax_logarithms import UNDERFLOW

    for dtype, number in UNDERFLOW.items():
        below, before = (np.exp(np.array(-each, np.float64)).astype(dtype.numpy) for each in (number, number - 1))
        assert (below == 0, before == 0) == (True, False), dtype


# -- parameters ----


def test_several_parameters_that_nothing_reads() -> None:
    names = ", ".join(f"%p{number}: f32[2]" for number in range(6))
    text = f"func @f({names}) -> (f32[2]) {{\n  %y: f32[2] = neg %p0\n  return %y\n}}\n"
    (found,) = lint(Looked([Subject(parse(text), "numpy")]))
    assert found.says == "@f does not read 5 of its 6 parameters: %p1: f32[2], %p2: f32[2], %p3: f32[2] and 2 more"
    assert found.text().startswith("at no line that is known\n") and found.count == 5


MODEL = f"""{EAGER}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.used, self.idle, self.cut = (nn.Linear(8, 8) for _ in range(3))

    def forward(self, x):
        return self.used(x).mean() + self.cut(x).detach().mean()

net = Net()
optimizer = torch.optim.Adam(net.parameters())
for step in range(3):
    net(torch.ones(4, 8)).backward()
    optimizer.step()
    optimizer.zero_grad()
"""


def test_parameters_without_a_gradient(linter: Linter) -> None:
    found = linter.only("untrained", MODEL)
    assert (found["text"], found["count"]) == ("optimizer.step()", 4)
    assert found["says"] == (
        "4 of 6 parameters, 144 of 216 numbers, never have a gradient here: idle.weight (8, 8), idle.bias (8,), "
        "cut.weight (8, 8) and 1 more"
    )


def test_parameters_with_gradients_and_frozen_ones(linter: Linter) -> None:
    frozen = MODEL.replace("net = Net()\n", "net = Net()\nnet.idle.requires_grad_(False)\n")
    frozen = frozen.replace(".detach()", "")
    assert "untrained" not in linter.rules(frozen)


VARIABLES = f"""{STATIC}
x = tf.placeholder(tf.float32, [4, 8])
w = tf.Variable(tf.ones([8, 3]), name="w")
idle = tf.Variable(tf.ones([3]), name="idle"OPTION)
train = tf.train.GradientDescentOptimizer(0.01).minimize(tf.reduce_mean(tf.matmul(x, w)))
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for step in range(5):
        session.run(train, {{x: np.ones((4, 8), np.float32)}})
"""


def test_variables_without_a_gradient(linter: Linter) -> None:
    found = linter.only("untrained", VARIABLES.replace("OPTION", ""))
    assert found["text"] == 'idle = tf.Variable(tf.ones([3]), name="idle")'
    assert found["says"] == "no run changes 1 of 2 trainable variables, 3 numbers: idle (3,)"
    assert linter.rules(VARIABLES.replace("OPTION", ", trainable=False")) == []


def test_variables_that_are_assigned(linter: Linter) -> None:
    source = VARIABLES.replace("OPTION", "").replace("with tf", "copy = tf.assign(idle, w[0])\nwith tf")
    assert "untrained" not in linter.rules(f"{source}        session.run(copy)\n")


# -- helpers ----


def test_things_of_one_line_are_one() -> None:
    first, again, other = Location("a.py", 3, "x"), Location("a.py", 3, "y"), Location("a.py", 4)
    assert by_line([(first, 1), (other, 2), (again, 3), (None, 4)]) == [(first, [1, 3]), (other, [2]), (None, [4])]
    assert in_programs([(first, 0, 1), (again, 1, 2), (first, 1, 3)]) == [(first, [2, 3], 2)]


def test_lists_in_words() -> None:
    assert [listed("abcde"[:count]) for count in range(5)] == ["", "a", "a and b", "a, b and c", "a, b, c and 1 more"]


def test_a_bundle_without_runs(tmp_path: Path, linter: Linter) -> None:
    path = tmp_path / "f.dipt"
    write(path, [Subject(parse(POWERS), "numpy")])
    assert [each["rule"] for each in linter.run(str(path))] == ["pow", "unread"]

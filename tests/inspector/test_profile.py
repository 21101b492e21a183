"""How long programs take, as the command prints it: tables by given times, and whose the time is where it was measured."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diptych.backends.measuring import Measurement, Spread
from diptych.backends.paths import paths_of
from diptych.backends.settings import configure
from diptych.cli import main
from diptych.inspector.profile import KEYS
from diptych.ir import Function

EXAMPLES = Path(__file__).parents[2] / "examples"

STEP = """func @step(%x: f32[64,128], %w: f32[128,32]) -> (f32[64]) {
  %y: f32[64,32] = matmul %x, %w  // model.py:3
  %e: f32[64,32] = exp %y  // model.py:4
  %f: f32[64,32] = sin %e  // model.py:4
  %s: f32[64] = reduce_sum %f {axes=[1]}  // model.py:5
  return %s
}
"""
LOOP = """func @loop(%x: f32[32,32], %rows: f32[5,32,32]) -> (f32[32,32]) {
  %y: f32[32,32] = exp %x  // model.py:3
  %last: f32[32,32] = scan %y, %rows {length=5, carries=1,
    body=func @round(%h: f32[32,32], %row: f32[32,32]) -> (f32[32,32]) {
      %m: f32[32,32] = matmul %h, %row  // model.py:5
      %t: f32[32,32] = neg %m  // model.py:6
      return %t
    }
  }  // model.py:4
  return %last
}
"""


def given_times(
    function: Function, backend: str, donate: tuple[int, ...], arrays: Sequence[np.ndarray], runs: int | None
) -> Measurement:
    """As if the n-th equation took n microseconds, of those that the backend measures; and so did entry and clock."""
    paths = [path for path in paths_of(function) if len(path) == 1 or backend != "jax"]
    times = {path: 1e-6 * number for number, path in enumerate(paths, 1)}
    total = sum(times.values()) + 2e-6
    split = Spread(total, 0.9 * total, 1.25 * total)
    return Measurement(runs or 10, Spread(0.8 * total, 0.75 * total, 0.85 * total), split, times, 1e-6, 1e-6, 7)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diptych.inspector.profile.measure", given_times)


@pytest.fixture
def step(tmp_path: Path) -> str:
    path = tmp_path / "step.ir"
    path.write_text(STEP)
    return str(path)


@pytest.fixture
def loop(tmp_path: Path) -> str:
    path = tmp_path / "loop.ir"
    path.write_text(LOOP)
    return str(path)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["profile", *arguments]) == 0
    return capsys.readouterr().out


def read(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed(capsys, *arguments, "--json").splitlines()]


def seconds(found: dict[str, Any], by: str) -> dict[str, float]:
    return {row["name"]: row["seconds"] for row in found[by]}


# -- what is printed of given times ----


@pytest.mark.usefixtures("one_thread")
def test_what_measuring_costs_may_be_noise(
    loop: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def close(*arguments: Any) -> Measurement:
        measured = given_times(*arguments)
        return replace(measured, whole=Spread(1.01 * measured.split.median, measured.split.low, measured.split.high))

    monkeypatch.setattr("diptych.inspector.profile.measure", close)
    title = printed(capsys, loop, "--backend", "numpy").splitlines()[0]
    assert title.endswith("measuring costs -1.0%, which is within the noise")
    assert json.loads(printed(capsys, loop, "--backend", "numpy", "--json"))["is_within_noise"]


@pytest.mark.usefixtures("told")
def test_the_largest_rows(loop: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, loop, "--backend", "numpy", "--top", "2").splitlines()[3:]
    assert [line.split()[:2] for line in lines] == [
        ["%t", "4.0"], ["%m", "3.0"], ["(others)", "3.0"], ["(entry)", "1.0"], ["(measuring)", "1.0"], ["@loop", "12.0"]
    ]  # fmt: skip
    assert lines[2].endswith("2 rows")
    found = json.loads(printed(capsys, loop, "--backend", "numpy", "--top", "9", "--json"))
    assert [row["name"] for row in found["equation"]] == ["%t", "%m", "%last", "%y", "(entry)", "(measuring)"]


@pytest.mark.usefixtures("told", "one_thread")
def test_by_equation(loop: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        printed(capsys, loop, "--backend", "numpy")
        == """\
@loop on numpy: 9.6 us a run, 12.0 us split into equations: measuring costs 25.0%
  medians of 10 runs each, middle halves 9.0 to 10.2 us and 10.8 to 15.0 us
  result          time   share  GFLOP/s  GB/s  estimate  what
  %y            1.0 us    8.3%      1.0   8.2    0.7 us  exp f32[32,32]  model.py:3
  %last         2.0 us   16.7%                           scan f32[32,32] of 2 without its members  model.py:4
    %m          3.0 us   25.0%    109.2  20.5    4.2 us  matmul f32[32,32]  model.py:5
    %t          4.0 us   33.3%      1.3  10.2    2.3 us  neg f32[32,32]  model.py:6
  (entry)       1.0 us    8.3%                           arguments in, results out
  (measuring)   1.0 us    8.3%                           7 times
  @loop        12.0 us  100.0%     27.8   9.2    7.2 us  3 equations
"""
    )


@pytest.mark.usefixtures("told", "one_thread")
def test_groups_are_wholes_and_move_what_they_read_and_make(step: str, capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = read(capsys, step, "--backend", "numpy")
    matmul, group, *_ = found["equation"]
    assert group["what"] == "fused f32[64] of 3  model.py:4" and group["line"] == "model.py:4"
    assert group["seconds"] == pytest.approx((2 + 3 + 4 + 5) * 1e-6)  # its own, and its members'
    assert group["gigabytes"] * group["seconds"] == pytest.approx(1e-9 * 4 * (64 * 32 + 64))
    assert matmul["gflops"] * matmul["seconds"] == pytest.approx(1e-9 * 2 * 64 * 128 * 32)


@pytest.mark.usefixtures("told", "one_thread")
def test_by_op(loop: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, loop, "--backend", "numpy", "--by", "op").splitlines()
    assert lines[2:6] == [
        "  op              time   share  GFLOP/s  GB/s  estimate  what",
        "  neg           4.0 us   33.3%      1.3  10.2    2.3 us  1 equation",
        "  matmul        3.0 us   25.0%    109.2  20.5    4.2 us  1 equation",
        "  scan          2.0 us   16.7%                           without its members",
    ]


@pytest.mark.usefixtures("told", "one_thread")
def test_lines_of_members_share_what_a_loop_takes_itself(loop: str, capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = read(capsys, loop, "--backend", "numpy", "--by", "line")
    assert seconds(found, "line") == pytest.approx(
        {
            "model.py:6": 4e-6 + 2e-6 * 4 / 7,
            "model.py:5": 3e-6 + 2e-6 * 3 / 7,
            "model.py:3": 1e-6,
            "(entry)": 1e-6,
            "(measuring)": 1e-6,
        }
    )
    assert not any(row["is_estimated"] for row in found["line"])


@pytest.mark.usefixtures("told")
def test_what_was_measured_together_is_divided_by_estimates(loop: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        printed(capsys, loop, "--backend", "jax", "--by", "line")
        == """\
@loop on jax: 4.0 us a run, 5.0 us split into equations: measuring costs 25.0%
  medians of 10 runs each, middle halves 3.7 to 4.2 us and 4.5 to 6.2 us
  each equation is a program by itself here; as a whole XLA joins them, and shares may be others
  ~ measured of several equations together, and divided by what each is estimated to cost
  line            time   share  GFLOP/s  GB/s  estimate  what
  model.py:5   ~1.3 us   25.8%    254.0  47.6    4.2 us  1 equation
  model.py:3    1.0 us   20.0%      1.0   8.2    0.7 us  1 equation
  model.py:6   ~0.7 us   14.2%      7.2  57.7    2.3 us  1 equation
  (entry)       1.0 us   20.0%                           arguments in, results out
  (measuring)   1.0 us   20.0%                           7 times
  @loop         5.0 us  100.0%     66.8  22.1    7.2 us  2 equations
"""
    )


@pytest.mark.usefixtures("told")
def test_what_runs_who_knows_how_often_has_no_rates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "control.ir"
    path.write_text(CONTROL)
    (found,) = read(capsys, str(path), "--backend", "reference")
    rates = {row["what"].split()[0]: row["gflops"] for row in found["equation"] if row["gflops"] is not None}
    assert rates.keys() == {"matmul", "neg", "sub"}  # not what stands in the loop
    (found,) = read(capsys, str(path), "--backend", "jax")
    rates = {row["what"].split()[0]: row["gflops"] for row in found["equation"]}
    assert rates["cond"] is None and rates["while_loop"] is None and rates["scan"] is not None
    assert found["total"]["gflops"] is None


@pytest.mark.usefixtures("told", "one_thread")
@pytest.mark.parametrize("by", ["equation", *KEYS])
@pytest.mark.parametrize("backend", ["numpy", "jax", "reference"])
def test_json_has_the_same_figures(
    by: str, backend: str, loop: str, step: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for target in (loop, step):
        arguments = (target, "--backend", backend, "--by", by)
        title, spread, *lines = printed(capsys, *arguments).splitlines()
        (found,) = read(capsys, *arguments)
        whole, split = (f"{found[each]['median'] * 1e6:.1f} us" for each in ("whole", "split"))
        assert title.startswith(f"@{found['program']} on {found['backend']}: {whole} a run, {split} split")
        assert title.endswith(f"{100 * found['measuring_costs']:.1f}%")
        for each in ("whole", "split"):
            assert f"{found[each]['low'] * 1e6:.1f} to {found[each]['high'] * 1e6:.1f} us" in spread
        rows = [*found[by], found["total"]]
        for line, row in zip(lines[-len(rows) :], rows, strict=True):
            name, time = "  " * (row["depth"] + 1) + row["name"], f"{row['seconds'] * 1e6:.1f} us"
            rates = [f"{rate:.1f}" for rate in (row["gflops"], row["gigabytes"]) if rate is not None]
            estimate = row["estimated_seconds"]
            rest = [] if estimate is None else f"{estimate * 1e6:.1f} us".split()
            mark = "~" if row["is_estimated"] else ""
            cells = [f"{mark}{time.split()[0]}", "us", f"{100 * row['share']:.1f}%", *rates, *rest]
            assert line.startswith(name)
            assert line[len(name) :].split() == [*cells, *row["what"].split()]


# -- real runs ----


@pytest.mark.parametrize("by", ["equation", *KEYS])
@pytest.mark.parametrize("backend", ["numpy", "jax", "reference"])
def test_times_add_up(by: str, backend: str, loop: str, capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = read(capsys, loop, "--backend", backend, "--by", by, "--runs", "3")
    total = sum(row["seconds"] for row in found[by])
    assert total == pytest.approx(found["split"]["median"]) == found["total"]["seconds"]
    assert sum(row["share"] for row in found[by]) == pytest.approx(1)
    assert found["runs"] == 3 and found["whole"]["low"] <= found["whole"]["median"] <= found["whole"]["high"]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_larger_product_has_most_of_it_at_its_line(
    threads: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], one_thread: None
) -> None:
    configure(threads=threads)
    script = tmp_path / "program.py"
    script.write_text(
        "import diptych.eager as torch\n"
        "def step():\n"
        "    x, small = torch.ones(600, 600), torch.ones(40, 40)\n"
        "    y = (small @ small).exp()\n"
        "    z = x @ x\n"
        "    return y.sum() + z.sum()\n"
    )
    (found,) = read(capsys, f"{script}:step", "--by", "line", "--backend", "numpy", "--runs", "3")
    first = found["line"][0]
    assert first["name"] == "program.py:5" and first["share"] > 0.5
    assert first["what"].endswith("equations  z = x @ x") or first["what"] == "1 equation  z = x @ x"
    (found,) = read(capsys, f"{script}:step", "--by", "op", "--backend", "numpy", "--runs", "3")
    names = [row["name"] for row in found["op"]]
    assert ("parallel" in names) == (threads == 2)  # where threads wait, which may take longer than what they compute
    assert next(name for name in names if name != "parallel") == "matmul"


STATIC = """
import numpy as np
import diptych.static as tf

def step():
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [64, 64])
        y = tf.matmul(x, x)
        z = tf.map_fn(lambda row: tf.tanh(row), y)
        w = tf.cond(tf.reduce_sum(z) > 0.0, lambda: tf.exp(z), lambda: tf.sin(z))
        return session.run(w, {x: np.ones((64, 64), np.float32)})
"""
EAGER = """
import diptych.eager as torch
from diptych.eager import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(512, 512), nn.Linear(512, 2)

    def forward(self, x):
        return self.second(self.first(x).relu())

def step():
    return Net()(torch.ones(128, 512)).sum()
"""


HOST = """
import time
from diptych.ir import Builder, HostFunction, TensorType, dtypes

def slow(x):
    print("slowly")
    time.sleep(0.02)
    return x

def program():
    b, type = Builder("program"), TensorType(dtypes.f32, (4,))
    y = b.exp(b.parameter(type, "x"))
    (z,) = b.host_call(y, function=HostFunction("slow", slow), results=(type,))
    return b.finish([b.sin(z)])
"""
CONTROL = """func @f(%go: bool[], %x: f32[4,4], %rows: f32[6,4,4]) -> (f32[4,4], f32[], f32[4,4]) {
  %a: f32[4,4] = cond %go, %x {
    on_true=func @yes(%x: f32[4,4]) -> (f32[4,4]) {
      %y: f32[4,4] = matmul %x, %x
      return %y
    }, on_false=func @no(%x: f32[4,4]) -> (f32[4,4]) {
      %y: f32[4,4] = neg %x
      return %y
    }
  }
  %zero: f32[] = constant {value=f32[] 0}
  %power: f32[] = while_loop %zero {
    condition=func @below(%x: f32[]) -> (bool[]) {
      %five: f32[] = constant {value=f32[] 5}
      %is: bool[] = lt %x, %five
      return %is
    }, body=func @step(%x: f32[]) -> (f32[]) {
      %one: f32[] = constant {value=f32[] 1}
      %next: f32[] = add %x, %one
      return %next
    }
  }
  %last: f32[4,4] = scan %a, %rows {
    length=6, carries=1, body=func @round(%h: f32[4,4], %row: f32[4,4]) -> (f32[4,4]) {
      %s: f32[4,4] = sub %h, %row
      return %s
    }
  }
  return %a, %power, %last
}
"""


def test_a_graph_with_loops_and_branches(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "graph.py"
    script.write_text(STATIC)
    (found,) = read(capsys, f"{script}:step", "--by", "line", "--backend", "numpy", "--runs", "2")
    lines = {row["name"]: row for row in found["line"]}
    assert lines["graph.py:8"]["what"] == "1 equation  y = tf.matmul(x, x)"
    assert min(lines["graph.py:8"]["share"], lines["graph.py:9"]["share"]) > 0
    (found,) = read(capsys, f"{script}:step", "--by", "op", "--backend", "numpy", "--runs", "2")
    assert {"cond", "exp", "tanh"} <= {row["name"] for row in found["op"]}
    assert "sin" not in {row["name"] for row in found["op"]}  # of the other branch


def test_scopes_of_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "net.py"
    script.write_text(EAGER)
    (found,) = read(capsys, f"{script}:step", "--by", "scope", "--backend", "numpy", "--runs", "2")
    shares = {row["name"]: row["share"] for row in found["scope"]}
    assert shares["Net.first"] > shares["Net.second"] > 0


def test_what_a_slow_function_on_the_host_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "host.py"
    script.write_text(HOST)
    arguments = ["profile", f"{script}:program", "--by", "line", "--backend", "numpy", "--runs", "2", "--json"]
    assert main(arguments) == 0
    captured = capsys.readouterr()
    (first, *_) = json.loads(captured.out)["line"]  # which is all that stands there
    assert first["name"] == "host.py:13" and first["share"] > 0.8
    assert "slowly" in captured.err


@pytest.mark.parametrize(
    ("script", "line"), [("digits_static.py", "digits_static.py:31"), ("digits_eager.py", "digits_eager.py:44")]
)
def test_examples(script: str, line: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(EXAMPLES)
    found = read(capsys, str(EXAMPLES / script), "--by", "line", "--backend", "numpy", "--runs", "1")
    assert len(found) > 2 and any(each["line"][0]["name"] == line for each in found)


def test_bundles_and_sizes(tmp_path: Path, capsys: pytest.CaptureFixture[str], step: str) -> None:
    bundle = str(tmp_path / "step.dipt")
    assert main(["trace", step, "-o", bundle, "--backend", "numpy"]) == 0
    (found,) = read(capsys, bundle, "--runs", "1")
    (other,) = read(capsys, bundle, "--runs", "1", "--backend", "reference")
    assert (found["backend"], other["backend"]) == ("numpy", "reference")
    assert len(found["equation"]) < len(other["equation"])
    Path(step).write_text(STEP.replace("64", "n"))
    (found,) = read(capsys, step, "--runs", "1", "--backend", "reference", "--size", "n=5")
    assert found["equation"][0]["what"] == "matmul f32[5,32]  model.py:3"
    (found,) = read(capsys, step, "--runs", "1", "--backend", "numpy")
    assert found["equation"][0]["what"] == "matmul f32[8,32]  model.py:3"


# -- what is refused ----


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--runs", "0"],
            "diptych profile: argument --runs: 0 must be a whole number from 1 to 1000000; try: diptych profile --help",
        ),
        (
            ["--runs", "few"],
            "diptych profile: argument --runs: few must be a whole number from 1 to 1000000; try: diptych profile --help",
        ),
        (
            ["--by", "colour"],
            "diptych profile: argument --by: invalid choice: 'colour' (choose from 'equation', 'op', 'line', 'scope'); "
            "try: diptych profile --help",
        ),
        (["--size", "n=3"], "diptych: --size has n, but named dimensions are: none"),
        (["--inputs", "{folder}/none.npz"], "diptych: {folder}/none.npz: No such file or directory"),
    ],
)
def test_refusals(step: str, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(Path(step).parent)
    try:
        status = main(["profile", step, *(each.replace("{folder}", folder) for each in arguments)])
    except SystemExit as leaving:
        status = leaving.code
    assert (status, capsys.readouterr().err) == (2, message.replace("{folder}", folder) + "\n")


@pytest.mark.parametrize("backend", ["numpy", "jax", "reference"])
def test_what_fails_while_it_runs(backend: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "host.ir"
    path.write_text(
        "func @f(%x: f32[2]) -> (f32[2]) {\n"
        '  %y: f32[2] = host_call %x {function=host "absent", results=[f32[2]]}  // model.py:7\n'
        "  return %y\n}\n"
    )
    assert main(["profile", str(path), "--backend", backend]) == 2
    assert capsys.readouterr().err == (
        "diptych: host_call: function absent is not loaded but must be a callable; at model.py:7; try: a program read "
        "from text names its host functions only: set HostFunction.function first\n"
    )


def test_jax_may_be_missing(step: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jax", None)
    assert main(["profile", step, "--backend", "jax"]) == 2
    message = "diptych: backend jax: jax is not installed; try: pip install 'diptych[jax]'\n"
    assert capsys.readouterr().err == message

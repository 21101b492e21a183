"""Numbers that are not finite, as the command finds them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diptych.backends import clear_cache
from diptych.backends.numpy import elementwise
from diptych.cli import main
from diptych.inspector.nan import examined
from diptych.ir import ops, parse

EAGER = """
import diptych.eager as torch
from diptych.eager import nn, optim

def log_of_zero():
    p = torch.tensor([0.0, 0.5], requires_grad=True)
    entropy = -(p * torch.log(p)).sum()
    return entropy

def zero_by_zero():
    x = torch.zeros(2, 3)
    return (x / x.sum(1, keepdim=True)).mean()

def root():
    x = torch.zeros(3, requires_grad=True)
    length = torch.sqrt((x * x).sum())
    length.backward()
    return length, x.grad

def norm():
    x = torch.zeros(3, requires_grad=True)
    x.norm().backward()
    return x.grad

def overflow():
    x = torch.tensor([1.0, 100.0])
    return torch.exp(x)

def half():
    x = torch.tensor([300.0, 2.0], dtype=torch.float16)
    return (x * x).sum()

def masked():
    scores = torch.zeros(2, 3)
    hidden = torch.tensor([[True, False, False], [True, True, True]])
    return torch.softmax(scores.masked_fill(hidden, float("-inf")), dim=1)

def causal():
    mask = torch.full((2, 2), float("-inf")).triu(1)
    print(mask)
    return torch.softmax(torch.zeros(2, 2) + mask, dim=1)

def data():
    x = torch.tensor([[1.0, float("nan")], [2.0, 3.0]])
    print(x.reshape(4))
    return (x @ torch.ones(2, 1)).sum()

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(2, 2)

    def forward(self, x):
        return self.first(x) / torch.zeros(2)

def threads():
    import threading
    torch.ones(2).sum().item()
    worker = threading.Thread(target=lambda: torch.log(torch.zeros(2)).sum().item())
    worker.start()
    worker.join()
    torch.ones(3).sum().item()
    print("goes on")

def scoped():
    return Net()(torch.zeros(3, 2))

def main():
    torch.manual_seed(0)
    x, y = torch.randn(16, 4), torch.randn(16, 1)
    weight = torch.randn(4, 1, requires_grad=True)
    optimizer = optim.SGD([weight], lr=1e6)
    for step in range(100):
        loss = ((x @ weight - y) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print("step", step, loss.item())

if __name__ == "__main__":
    main()
"""

STATIC = """
import diptych.static as tf

def run(build, feed=None):
    with tf.Graph().as_default(), tf.Session() as session:
        fetches = build()
        session.run(tf.global_variables_initializer())
        return session.run(fetches, {"x:0": feed} if feed is not None else None)

def log_of_zero():
    def build():
        p = tf.placeholder(tf.float32, [2], name="x")
        return -tf.reduce_sum(p * tf.log(p))
    run(build, [0.0, 0.5])

def zero_by_zero():
    def build():
        x = tf.placeholder(tf.float32, [2, 3], name="x")
        return tf.reduce_mean(x / tf.reduce_sum(x, 1, keepdims=True))
    run(build, [[0.0] * 3] * 2)

def root():
    def build():
        x = tf.Variable(tf.zeros([3]), name="x")
        length = tf.sqrt(tf.reduce_sum(x * x))
        return length, tf.gradients(length, x)
    run(build)

def overflow():
    run(lambda: tf.exp(tf.placeholder(tf.float32, [2], name="x")), [1.0, 100.0])

def half():
    def build():
        x = tf.placeholder(tf.float16, [2], name="x")
        return tf.reduce_sum(x * x)
    run(build, [300.0, 2.0])

def masked():
    def build():
        hidden = tf.placeholder(tf.bool, [2, 3], name="x")
        return tf.nn.softmax(tf.where(hidden, tf.fill([2, 3], float("-inf")), tf.zeros([2, 3])))
    run(build, [[True, False, False], [True, True, True]])

def data():
    def build():
        x = tf.placeholder(tf.float32, [2, 2], name="x")
        return tf.reduce_sum(tf.matmul(x, tf.ones([2, 1])))
    run(build, [[1.0, float("nan")], [2.0, 3.0]])

def loop():
    def build():
        x = tf.placeholder(tf.float32, [2], name="x")
        return tf.while_loop(lambda i, y: i < 6, lambda i, y: (i + 1, tf.log(y)), [0, x])
    run(build, [1e30, 20.0])

def train():
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 2], name="x")
        weight = tf.Variable(tf.ones([2, 1]), name="weight")
        loss = tf.reduce_mean(tf.square(tf.matmul(x, weight)))
        update = tf.train.GradientDescentOptimizer(1e6).minimize(loss)
        session.run(tf.global_variables_initializer())
        for step in range(100):
            session.run([loss, update], {x: [[1.0, 2.0], [3.0, 4.0]]})
            print("step", step)

def sizes():
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None], name="x")
        logarithm = tf.log(x)
        for size in (8, 7, 6, 5):
            session.run(logarithm, {x: [1.0] * (size - 1) + [float(size != 5)]})
"""

FINITE = "func @f(%x: f32[2]) -> (f32[2]) { %y: f32[2] = exp %x return %y }"


@pytest.fixture(autouse=True)
def nothing_is_compiled() -> Iterator[None]:
    """Nor is what is made here kept for other tests, of which some make wrong programs."""
    clear_cache()
    yield
    clear_cache()


Find = Callable[..., dict[str, Any]]


@pytest.fixture
def find(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Find:
    for name, text in (("eager", EAGER), ("static", STATIC)):
        (tmp_path / f"{name}.py").write_text(text)

    def find(program: str, *options: str) -> dict[str, Any]:
        """What is found in eager.py:root, say."""
        assert main(["nan", f"{tmp_path}/{program}", "--json", *options]) == 0
        (found,) = map(json.loads, capsys.readouterr().out.splitlines())
        return found

    return find


def source(data: dict[str, Any]) -> str:
    return data["source"]


@pytest.mark.parametrize("side", ["eager", "static"])
def test_the_logarithm_of_zero(side: str, find: Find) -> None:
    found = find(f"{side}.py:log_of_zero")["found"]
    made = found["origin"]
    assert (found["kind"], made["op"], made["places"]) == ("nan", "mul", [[0]])
    assert [each["elements"] for each in made["values"]] == [["nan"], [0.0], ["-inf"]]
    (infinity,) = made["infinities"]
    assert infinity["op"] == "log" and infinity["values"][1]["elements"] == [0.0]
    assert ".log(p)" in source(made) and source(made) == source(infinity)


@pytest.mark.parametrize("side", ["eager", "static"])
def test_zero_by_zero(side: str, find: Find) -> None:
    made = find(f"{side}.py:zero_by_zero")["found"]["origin"]
    assert made["op"] == "div" and made["places"] == [[0, 0], [0, 1], [0, 2]] and made["infinities"] == []
    assert [each["range"]["largest"] for each in made["values"]] == [None, 0.0, 0.0]
    assert made["values"][0]["range"]["nan"] == 6


@pytest.mark.parametrize("side", ["eager", "static"])
def test_the_gradient_of_a_root_at_zero(side: str, find: Find) -> None:
    """The forward equations are finite: its gradient is 1 / 0 and then inf * 0."""
    made = find(f"{side}.py:root")["found"]["origin"]
    assert made["op"] == "mul" and made["is_gradient"] and made["gradient_of"]["op"] == "mul"
    (infinity,) = made["infinities"]
    assert infinity["op"] == "div" and [each["elements"] for each in infinity["values"]] == [["inf"], [0.5], [0.0]]
    forward = infinity["gradient_of"]
    assert forward["op"] == "sqrt" and "sqrt(" in source(forward)
    assert [each["range"]["largest"] for each in forward["values"]] == [0.0]


def test_a_norm_at_zero_is_finite(find: Find) -> None:
    assert find("eager.py:norm") == {"found": None, "runs": 1, "programs": 1}


@pytest.mark.parametrize("side", ["eager", "static"])
def test_overflows(side: str, find: Find) -> None:
    for name, op, operand in (("overflow", "exp", 100.0), ("half", "mul", 300.0)):
        found = find(f"{side}.py:{name}")["found"]
        made = found["origin"]
        value, read = made["values"]
        assert (found["kind"], made["op"], value["elements"], read["elements"]) == ("inf", op, ["inf"], [operand])
        assert value["range"]["inf"] == 1 and read["range"]["inf"] == 0


@pytest.mark.parametrize("side", ["eager", "static"])
def test_a_row_that_is_masked_whole(side: str, find: Find) -> None:
    made = find(f"{side}.py:masked")["found"]["origin"]
    assert made["op"] == "sub" and made["places"] == [[1, 0], [1, 1], [1, 2]] and "softmax" in source(made)
    assert {each["op"] for each in made["infinities"]} == {"constant"}
    assert "-inf" in source(made["infinities"][0]["read_by"])


def test_infinities_that_are_put_there_are_none_of_our_business(find: Find) -> None:
    assert find("eager.py:causal") == {"found": None, "runs": 2, "programs": 2}


@pytest.mark.parametrize("side", ["eager", "static"])
def test_what_came_in_with_the_data(side: str, find: Find) -> None:
    """Not where it is only handed on."""
    found = find(f"{side}.py:data")
    came = found["found"]["origin"]
    assert came["name"] == {"eager": "%0", "static": "%x"}[side] and came["argument"] == 0
    assert came["range"] == {"least": 1.0, "largest": 3.0, "nan": 1, "inf": 0, "-inf": 0}
    assert came["read_by"]["op"] == "matmul"
    assert found["runs"] == 2


def test_the_scope_is_told(find: Find) -> None:
    made = find("eager.py:scoped")["found"]["origin"]
    assert made["op"] == "div" and made["scope"] == "Net" and made["function"] == "Net.forward"
    assert [each.rpartition(": ")[2] for each in made["callers"]] == ["return Net()(torch.zeros(3, 2))"]


@pytest.mark.parametrize("program", ["eager.py", "static.py:train"])
def test_training_ends_at_the_first_run_that_overflows(program: str, tmp_path: Path, capsys: Any) -> None:
    for name, text in (("eager", EAGER), ("static", STATIC)):
        (tmp_path / f"{name}.py").write_text(text)
    assert main(["nan", f"{tmp_path}/{program}", "--exit-code", "--json"]) == 1
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    steps = sum(line.startswith("step ") for line in captured.err.splitlines())
    assert 1 < steps < 20 and found["run"] > 1 and found["runs"] >= found["run"]
    made = found["found"]["origin"]
    assert found["found"]["kind"] == "inf" and made["op"] == "mul"
    read = made["values"][1]["range"]
    assert max(read["largest"], -read["least"]) > 1e19 and read["inf"] == read["-inf"] == 0


def test_one_program_is_looked_at(tmp_path: Path, find: Find) -> None:
    script = tmp_path / "two.py"
    script.write_text(
        "import torch\ndef f():\n    for size in (2, 3, 2):\n        (torch.ones(size) - 1).log().sum().item()\n"
    )
    for options, number in (([], 0), (["--program", "0"], 0), (["--program", "1"], 1)):
        found = find(f"{script.name}:f", *options)
        assert found["found"]["origin"]["op"] == "log" and found["runs"] == number + 1
        assert found["number"] == (number or None)  # the first one ends it, when there is no other one yet


def test_other_threads_end_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "eager.py").write_text(EAGER)
    command = [sys.executable, "-m", "diptych.cli", "nan", f"{tmp_path}/eager.py:threads", "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout)["found"]["origin"]["op"] == "log" and ran.stderr == ""


def test_rounds_of_a_loop(find: Find) -> None:
    made = find("static.py:loop")["found"]["origin"]
    assert made["op"] == "log" and made["within"][0]["op"] == "while_loop" and made["within"][0]["number"] == 4
    assert made["values"][1]["elements"][0] < 0


def test_sizes_that_come_for_the_first_time_are_watched_too(find: Find) -> None:
    found = find("static.py:sizes")
    assert found["found"]["origin"]["op"] == "log" and found["runs"] == 4


# -- saved programs ----


def test_the_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "f.ir"
    path.write_text("""func @f(%x: f32[3], %w: f32[]) -> (f32[3]) {
      %zero: f32[3] = sub %x, %x      // train.py:1
      %root: f32[3] = sqrt %zero      // train.py:2
      %wide: f32[3] = broadcast %w {shape=[3], axes=[]}  // train.py:3
      %large: f32[3] = div %wide, %root   // train.py:4
      %y: f32[3] = mul %large, %zero   // train.py:5
      return %y
    }""")
    np.savez(tmp_path / "in.npz", x=np.float32([1, 2, 3]), w=np.float32(4))
    assert main(["nan", str(path), "--inputs", str(tmp_path / "in.npz")]) == 0
    assert (
        capsys.readouterr().out
        == """\
@f: result 0 has nan, made by
  %y: f32[3] = mul %large, %zero
  train.py:5
              type  [0]  [1]  [2]  range
    %y      f32[3]  nan  nan  nan  3 nan
    %large  f32[3]  inf  inf  inf  3 inf
    %zero   f32[3]  0.0  0.0  0.0  0.0
  infinite %large: from
    %large: f32[3] = div %wide, %root
    train.py:4
                type  [0]  [1]  [2]  range
      %large  f32[3]  inf  inf  inf  3 inf
      %wide   f32[3]  4.0  4.0  4.0  4.0
      %root   f32[3]  0.0  0.0  0.0  0.0
"""
    )


def test_the_text_of_runs(find: Find, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "eager.py"
    assert main(["nan", f"{script}:data"]) == 0
    assert (
        capsys.readouterr().out
        == f"""\
@step, program 1, run 1 (2 runs of 2 programs so far): result 0 has nan, which came in as
  argument 0, %0: f32[2,2]  1.0 to 3.0, 1 nan
  read by
    %3: f32[2,1] = matmul %0, %2
    {script}:{_line("return (x @")}: return (x @ torch.ones(2, 1)).sum()
    in data
"""
    )
    assert main(["nan", f"{script}:root"]) == 0
    assert (
        f"""\
  {script}:{_line("torch.sqrt")}: length = torch.sqrt((x * x).sum())
  in root, of a gradient
"""
        in capsys.readouterr().out
    )
    assert main(["nan", f"{script}:norm"]) == 0
    assert capsys.readouterr().out == "everything is finite in 1 run of 1 program\n"


def _line(text: str) -> int:
    return next(number for number, line in enumerate(EAGER.splitlines(), 1) if text in line)


def test_saved_programs_run_on_what_is_made_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "f.ir"
    path.write_text(FINITE)
    assert main(["nan", str(path), "--exit-code"]) == 0
    assert capsys.readouterr().out == "everything is finite in @f\n"
    assert main(["nan", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"program": "f", "number": None, "found": None}


def test_every_program_of_a_bundle(find: Find, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = tmp_path / "root.dipt"
    assert main(["trace", f"{tmp_path}/static.py:overflow", "-o", str(bundle)]) == 0
    np.savez(tmp_path / "in.npz", x=np.float32([1, 1000]))
    assert main(["nan", str(bundle), "--inputs", str(tmp_path / "in.npz"), "--exit-code", "--json"]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["found"] and each["found"]["origin"]["op"] for each in lines] == [None, "exp"]


SCAN = """func @f(%start: f32[], %xs: f32[5]) -> (f32[], f32[5]) {
  %last: f32[], %ys: f32[5] = scan %start, %xs {length=5, carries=1,
    body=func @body(%c: f32[], %x: f32[]) -> (f32[], f32[]) {
      %d: f32[] = mul %c, %x
      %r: f32[] = sub %d, %d
      return %d, %r
    }
  }
  return %last, %ys
}"""


def of(text: str, *arguments: Any) -> dict[str, Any]:
    found = examined(parse(text), tuple(np.asarray(each) for each in arguments))
    assert found is not None
    return found


def test_infinities_from_an_earlier_round() -> None:
    """The state overflows in round 2, and only in round 3 is nan made of it."""
    found = of(SCAN.replace("sub %d, %d", "sub %c, %c"), np.float32(1e10), np.float32([1e10, 1e10, 1e30, 1, 1]))
    made = found["origin"]
    assert found["result"] == 1 and made["op"] == "sub" and made["within"][0]["number"] == 3
    (infinity,) = made["infinities"]
    assert infinity["op"] == "mul" and infinity["within"][0]["number"] == 2
    assert [each["elements"] for each in infinity["values"]] == [["inf"], [1e30], [1e30]]


def test_infinities_from_outside_a_loop() -> None:
    made = of(SCAN, np.float32(1), np.float32([1, np.inf, 1, 1, 1]))["origin"]
    assert made["op"] == "sub" and made["within"][0]["number"] == 1
    (infinity,) = made["infinities"]
    assert infinity["argument"] == 1 and infinity["name"] == "%xs"


def test_branches_that_run() -> None:
    text = """func @f(%p: bool[], %x: f32[2]) -> (f32[2]) {
      %y: f32[2] = cond %p, %x {
        on_true=func @yes(%a: f32[2]) -> (f32[2]) { %b: f32[2] = log %a return %b },
        on_false=func @no(%a: f32[2]) -> (f32[2]) { %b: f32[2] = sqrt %a return %b }
      }
      return %y
    }"""
    made = of(text, np.bool_(False), np.float32([4, -1]))["origin"]
    assert made["op"] == "sqrt" and made["places"] == [[1]] and made["within"][0]["op"] == "cond"
    assert of(text, np.bool_(True), np.float32([4, -1]))["origin"]["op"] == "log"


def test_nan_that_does_not_reach_a_result_is_not_told() -> None:
    text = """func @f(%x: f32[2]) -> (f32[2], f32[2]) {
      %a: f32[2] = div %x, %x
      %one: f32[2] = constant {value=f32[2] 1.0}
      %c: bool[2] = eq %a, %a
      %safe: f32[2] = select %c, %a, %one
      %b: f32[2] = sqrt %x
      return %safe, %b
    }"""
    assert examined(parse(text), (np.zeros(2, np.float32),)) is None
    found = of(text, np.float32([0, -1]))
    assert found["result"] == 1 and found["origin"]["op"] == "sqrt"


def test_constants_of_nan_are_told_where_something_is_computed_with_them() -> None:
    text = """func @f(%x: f32[]) -> (f32[]) {
      %c: f32[] = constant {value=f32[] nan}
      %y: f32[] = add %x, %c
      return %y
    }"""
    made = of(text, np.float32(1))["origin"]
    assert made["op"] == "constant" and made["read_by"]["op"] == "add"
    assert examined(parse(text.replace("return %y", "return %c")), (np.float32(1),)) is None


def test_what_only_a_backend_makes(find: Find, monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path) -> None:
    def wrong(x: np.ndarray, out: np.ndarray) -> None:
        out.fill(np.nan)

    monkeypatch.setitem(elementwise.UFUNCS, ops.cos, wrong)
    script = tmp_path / "wrong.py"
    script.write_text("import diptych.eager as torch\ndef f():\n    return torch.cos(torch.arange(7.0).tanh())\n")
    assert main(["nan", f"{script}:f"]) == 0
    assert capsys.readouterr().out == (
        "@step, run 1 (1 run of 1 program so far): result 0 has nan on numpy, but not by the reference interpreter; "
        "diptych bisect says why\n"
    )
    assert find("wrong.py:f")["found"] == {"kind": "nan", "result": 0, "origin": None, "backend": "numpy"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["{folder}/eager.py:norm", "--inputs", "in.npz"],
            "nan: {folder}/eager.py:norm runs by itself but has --inputs, which are for saved programs",
        ),
        (
            ["{folder}/eager.py:norm", "--size", "n=3"],
            "nan: {folder}/eager.py:norm runs by itself but has --size, which are for saved programs",
        ),
        (["{folder}/none.ir"], "{folder}/none.ir: there is no such file"),
        (["{folder}/f.ir", "--size", "n=3"], "--size has n, but named dimensions are: none"),
        (["{folder}/eager.py:norm", "--program", "1"], "--program is 1 but must be below 1, the number of programs"),
        (["{folder}/f.ir", "--program", "1"], "--program is 1 but must be below 1, the number of programs"),
        (["{folder}/fails.py"], "{folder}/fails.py: ValueError: no"),
    ],
)
def test_refusals(
    arguments: list[str], message: str, find: Find, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "f.ir").write_text(FINITE)
    (tmp_path / "fails.py").write_text("raise ValueError('no')")
    assert main(["nan", *(each.replace("{folder}", str(tmp_path)) for each in arguments)]) == 2
    assert capsys.readouterr().err == f"diptych: {message.replace('{folder}', str(tmp_path))}\n"

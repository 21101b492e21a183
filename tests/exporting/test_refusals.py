"""Models that cannot be files of jax's, and sizes that cannot stay open: what is said names the op and the line."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diptych
import diptych.eager as torch
import diptych.static as tf
import numpy as np
import pytest
from diptych.cli import main
from diptych.eager import nn
from diptych.ir import DiptychError, Unsupported

pytest.importorskip("jax")


def module(forward: Callable[..., Any], *inner: Any) -> Any:
    """A module that computes so."""
    made = type("Model", (nn.Module,), {"forward": lambda self, x: forward(self, x)})()
    for number, each in enumerate(inner):
        setattr(made, f"part{number}", each)
    return made


def reads(self: Any, x: Any) -> Any:
    return x if x.sum().item() > 0 else -x


def asks(self: Any, x: Any) -> Any:
    return x if x.sum() > 0 else -x


def keeps(self: Any, x: Any) -> Any:
    self.part0.add_(1)
    return x + self.part0


def draws(self: Any, x: Any) -> Any:
    return x + torch.rand(3)


def decides(self: Any, x: Any) -> Any:
    return x.exp() if x.shape[0] > 8 else x.sin()


def decides_late(self: Any, x: Any) -> Any:
    return x.exp() if x.shape[0] > 100 else x.sin()


def divides(self: Any, x: Any) -> Any:
    return x * (1.5 / x.shape[0])


def makes(self: Any, x: Any) -> Any:
    return x + torch.from_numpy(np.ones((x.shape[0], 1), np.float32))


def counts(self: Any, x: Any) -> Any:
    return x.reshape(-1)[: x.shape[0] // 2]


@pytest.mark.parametrize(
    ("forward", "inner", "message"),
    [
        (reads, (), "export: Python reads a value that depends on the arguments, which have none yet"),
        (asks, (), "export: Python reads a value that depends on the arguments, which have none yet"),
        (keeps, (torch.ones(3),), "export: the model writes into a tensor that it keeps, and files keep nothing"),
        (decides, (), "export: sizes decide what is computed: it is another thing with n=11 than with n=5, from sin on"),
        (decides_late, (), "export: sizes decide what is computed: it is another thing with n=227 than with n=5, from sin on"),
        (divides, (), "export: constant needs numbers for n: 0.3, 0.21428571428571427, "),
        (makes, (), "export: constant needs numbers for n: an array of the model's own, f32[5,1] and f32[7,1] and "),
        (counts, (), "export: slice needs numbers for n: limit has 2, 3, 5, 113, which no polynomial of them gives"),
    ],
)  # fmt: skip
def test_modules(forward: Any, inner: Any, message: str) -> None:
    with pytest.raises(Unsupported) as caught:
        diptych.export(module(forward, *inner), "float32[n, 3]")
    assert caught.value.message.startswith(message)
    lines, first = inspect.getsourcelines(forward)
    location = caught.value.location
    assert location is not None and Path(location.file).name == "test_refusals.py"
    assert first < location.line < first + len(lines)


def test_sizes_that_are_numbers_decide_nothing() -> None:
    for forward in (decides, divides, makes, counts):
        assert diptych.export(module(forward), "float32[5, 3]")


def test_draws() -> None:
    with pytest.raises(DiptychError, match="RuntimeError: export: the model draws random numbers"):
        diptych.export(module(draws), "float32[n, 3]")


def test_what_a_module_raises_and_returns() -> None:
    with pytest.raises(DiptychError, match=r"^export: the model with n=5: RuntimeError: mat1 and mat2 shapes"):
        diptych.export(nn.Linear(4, 2), "float32[n, 3]")
    with pytest.raises(DiptychError, match=r"^export: the model: RuntimeError: mat1 and mat2 shapes"):
        diptych.export(nn.Linear(4, 2), "float32[2, 3]")
    with pytest.raises(Unsupported, match="export: the model returns a int but must return tensors, or nests of them"):
        diptych.export(module(lambda self, x: (x, 3)), "float32[n, 3]")
    with pytest.raises(DiptychError, match="export: 5 sizes have names but at most 4 may: a, b, c, d, e"):
        diptych.export(module(lambda self, x: x), "float32[a,b,c,d,e]")


def test_where_jax_needs_a_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A recurrence over as many steps as come is a loop of jax's, which wants to know how many."""
    script = tmp_path / "cell.py"
    script.write_text("import torch\ncell = torch.nn.GRU(4, 5)\n")
    where = ["export", f"{script}:cell", "-o", str(tmp_path / "cell.stablehlo")]
    assert main([*where, "--input", "float32[time, 2, 4]"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("diptych: export: @GRU: scan needs numbers: InconclusiveDimensionOperation: ")
    assert said.endswith("try: --size, or numbers in --input\n") and said.count("\n") == 1
    assert main([*where, "--input", "float32[time, 2, 4]", "--size", "time=7"]) == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("float32", "export: input is 'float32' but must be a dtype and sizes\n  try: float32[batch, 3, 32, 32]"),
        ("float33[2]", "export: input 'float33[2]': float33 is no dtype\n  try: float32, int64, bool, bfloat16"),
        ("float32[2,,3]", "export: input 'float32[2,,3]' has an empty size"),
        ("float32[2-3]", "export: input 'float32[2-3]' has a size of -1 but sizes must be 0 or more"),
        ("float32[a b]", "export: input 'float32[a b]': dimension 'a b' is malformed at 'b'"),
        (
            3,
            'export: an input is of type int but must be text, an array or a tensor\n  try: "float32[batch, 3, 32, 32]"',
        ),
    ],
)
def test_types(given: Any, message: str) -> None:
    with pytest.raises(DiptychError) as caught:
        diptych.export(nn.Linear(3, 2), given)
    assert str(caught.value) == message


def test_other_things() -> None:
    with pytest.raises(DiptychError, match="export: model is of type int but must be a module, a session, the folder "):
        diptych.export(3)
    with pytest.raises(DiptychError, match="export: nowhere: there is no saved model in it"):
        diptych.export("nowhere")
    with tf.Session() as session, pytest.raises(DiptychError, match="export: outputs are missing"):
        diptych.export(session)


# -- graphs ----


def variable(x: Any) -> Any:
    return tf.assign_add(tf.Variable(1.0, name="steps"), 1.0) + x


def dropout(x: Any) -> Any:
    return tf.nn.dropout(x, 0.5, name="drop")


def python(x: Any) -> Any:
    return tf.py_func(lambda a: a, [x], tf.float32, name="python")


def mask(x: Any) -> Any:
    return tf.boolean_mask(x, x[:, 0] > 0)


def reshaped(x: Any) -> Any:
    return tf.reshape(x, [tf.cast(x[0, 0], tf.int32), -1], name="turned")


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (variable, "export: steps (VariableV2) is a variable that is written, and files keep nothing"),
        (dropout, "export: drop/random_uniform/RandomUniform (RandomUniform) draws random numbers, and files keep nothing"),
        (python, "export: python (PyFunc) is computed by Python, outside of programs"),
        (mask, "export: a size or axis depends on what is computed, boolean_mask/Where (Where), and not on sizes alone"),
        (reshaped, "export: a size or axis depends on what is computed, turned/shape (Pack), and not on sizes alone"),
    ],
)  # fmt: skip
def test_graphs(build: Callable[[Any], Any], message: str) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 4], name="x")
        y = build(x)
        session.run(tf.global_variables_initializer())
        with pytest.raises(DiptychError) as caught:
            diptych.export(session, x, y)
    assert caught.value.message == message or build is mask
    location = caught.value.location
    assert location is not None and re.match(r".*test_refusals\.py:\d+", location.short())


def test_inputs_and_outputs_of_sessions() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 4], name="x")
        text, some = tf.placeholder(tf.string, [None], name="text"), tf.placeholder(tf.float32, name="some")
        for inputs, types, message in (
            (x, ["float32[2, 3]"], r"export: x:0 is given as f32\[2,3\] but must be float32\[\?, 4\]"),
            (x, ["int32[2, 4]"], r"export: x:0 is given as i32\[2,4\] but must be float32\[\?, 4\]"),
            (x, ["float32[2, 4]"] * 2, "export: there are 2 types of inputs, but 1 inputs"),
            ([x, text], [], "export: text:0 holds string, which is no number"),
            ([x, some], [], "export: nobody knows the rank of some:0"),
        ):
            with pytest.raises(DiptychError, match=message):
                diptych.export(session, inputs, x + 1, types=types)
        with pytest.raises(DiptychError, match="export: outputs must be tensors, not operations"):
            diptych.export(session, x, tf.no_op())


# -- the command ----


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script, program = tmp_path / "net.py", tmp_path / "f.ir"
    script.write_text("import torch\nnet = torch.nn.Linear(3, 2)\n")
    program.write_text("func @f(%x: f32[3]) -> (f32[3]) { %y: f32[3] = exp %x return %y }")
    folder = tmp_path / "saved"
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None], name="x")
        tf.saved_model.simple_save(session, str(folder), {"x": x}, {"y": x + 1})
    for arguments, message in (
        ([f"{script}:net"], "export: the model: TypeError: Linear.forward() missing 1 required positional argument: 'input'"),
        ([f"{script}:net", "--input", "float32(3)"], "export: input is 'float32(3)' but must be a dtype and sizes; try: "),
        ([str(program), "--input", "float32[3]"], f"export: --input is of models, and {program} is none; try: --size for its"),
        ([str(tmp_path)], f"export: {tmp_path}: there is no saved model in it"),
        ([str(folder), "--signature", "train"], f"export: {folder}: there is no signature train, but serving_default; try: --signature serving_default"),
        ([str(folder), "--tags", "gpu"], f"export: {folder}: MetaGraphDef associated with tags 'gpu' could not be found"),
    ):  # fmt: skip
        assert main(["export", *arguments, "-o", str(tmp_path / "out.stablehlo")]) == 2
        assert capsys.readouterr().err.startswith(f"diptych: {message}")
    assert main(["export", str(folder), "-o", str(tmp_path / "out.stablehlo"), "--size", "batch=3"]) == 0
    assert "@model(x: f32[3]) -> (y: f32[3])" in capsys.readouterr().out

"""Models that cannot be files of jax's, and sizes that cannot stay open: what is said names the op and the line."""

from __future__ import annotations

import inspect
import re
import shutil
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


def decides(self: Any, x: Any) -> Any:
    return x.exp() if x.shape[0] > 8 else x.sin()


def decides_late(self: Any, x: Any) -> Any:
    return x.exp() if x.shape[0] > 100 else x.sin()


def divides(self: Any, x: Any) -> Any:
    return x * (1.5 / x.shape[0])


def makes(self: Any, x: Any) -> Any:
    return x + torch.from_numpy(np.ones((x.shape[0], 1), np.float32))


def counts(self: Any, x: Any) -> Any:
    return x.reshape(-1)[: int(x.shape[0] ** 0.5)]


def shows(self: Any, x: Any) -> Any:
    return [x, f"{x}"]


def lists(self: Any, x: Any) -> Any:
    return torch.tensor(x.tolist())


def norms(self: Any, x: Any) -> Any:
    return nn.functional.batch_norm(x, self.part0, self.part1, training=True)


def draws(self: Any, x: Any) -> Any:
    return x + torch.rand(3)


@pytest.mark.parametrize(
    ("forward", "inner", "message"),
    [
        (reads, (), "export: Python reads a value that depends on the arguments, which have none yet"),
        (asks, (), "export: Python reads a value that depends on the arguments, which have none yet"),
        (keeps, (torch.ones(3),), "export: the model writes into a tensor that it keeps, and files keep nothing"),
        (decides, (), "export: sizes decide what is computed: it is another thing with n=18 than with n=5, from sin on"),
        (decides_late, (), "export: sizes decide what is computed: it is another thing with n=240 than with n=5, from sin on"),
        (divides, (), "export: constant needs numbers for n: 0.3, 0.21428571428571427, "),
        (makes, (), "export: constant needs numbers for n: an array of the model's own, f32[5,1] and f32[7,1] and "),
        (counts, (), "export: slice needs numbers for n: limit has 2, 4, 15, which no polynomial of them gives"),
        (shows, (), "export: Python reads a value that depends on the arguments, which have none yet"),
        (lists, (), "export: Python reads a value that depends on the arguments, which have none yet"),
        (norms, (torch.zeros(3), torch.ones(3)), "export: the model writes into a tensor that it keeps, and files keep no"),
        (draws, (), "export: the model draws random numbers, and a file would draw the same ones every time"),
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


def test_what_a_module_raises_and_returns() -> None:
    with pytest.raises(DiptychError, match=r"^export: the model with n=5: RuntimeError: mat1 and mat2 shapes"):
        diptych.export(nn.Linear(4, 2), "float32[n, 3]")
    with pytest.raises(DiptychError, match=r"^export: the model: RuntimeError: mat1 and mat2 shapes"):
        diptych.export(nn.Linear(4, 2), "float32[2, 3]")
    with pytest.raises(
        DiptychError, match=r"^export: the model: ZeroDivisionError: .*\n  at .*test_refusals.py:.*1 / 0"
    ):
        diptych.export(module(lambda self, x: 1 / 0), "float32[2, 3]")
    with pytest.raises(DiptychError, match="export: 5 sizes have names but at most 4 may: a, b, c, d, e"):
        diptych.export(module(lambda self, x: x), "float32[a,b,c,d,e]")


class Returning(nn.Module):
    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result

    def forward(self, x: Any) -> Any:
        return self.result(x)


NUMBERS, NESTS = "torch.tensor(number) in its place, or leave it out", "tensors in tuples, lists or dicts"


@pytest.mark.parametrize(
    ("result", "what", "hint"),
    [
        (lambda x: 3, "an int", NUMBERS),
        (lambda x: (x, {"loss": [0.5]}), "a float, as result[1]['loss'][0],", NUMBERS),
        (lambda x: (x, x.shape), "an int, as result[1][0],", NUMBERS),
        (lambda x: {x}, "a set", NESTS),
        (lambda x: [x, "text"], "a str, as result[1],", NESTS),
        (lambda x: (None, {}), "nothing", None),
    ],
)
def test_what_a_module_returns(result: Any, what: str, hint: str | None) -> None:
    with pytest.raises(Unsupported) as caught:
        diptych.export(Returning(result), "float32[n, 3]")
    assert caught.value.message == f"export: the model returns {what} but must return tensors, or nests of them"
    assert caught.value.hint == hint
    _, first = inspect.getsourcelines(Returning.forward)
    assert caught.value.location is not None and caught.value.location.line == first


class Counting(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros(1))

    def forward(self, x: Any) -> Any:
        self.calls = self.calls + 1
        return x + self.calls


def test_buffers_that_are_replaced() -> None:
    model = Counting()
    with pytest.raises(Unsupported) as caught:
        diptych.export(nn.Sequential(nn.ReLU(), model), "float32[n, 3]")
    assert caught.value.message == "export: the model gives itself another buffer 1.calls, and files keep nothing"
    assert model.calls.tolist() == [0.0]


def test_where_jax_needs_a_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "net.py"
    script.write_text("import torch\nnet = torch.nn.Upsample(scale_factor=2, mode='bilinear')\n")
    where = ["export", f"{script}:net", "-o", str(tmp_path / "net.stablehlo")]
    assert main([*where, "--input", "float32[n, 1, 2, 2]"]) == 0
    assert main([*where, "--input", "float32[n, 1, width, 2]"]) == 2
    assert "export: constant needs numbers for n, width: an array of the model's own, f32[" in capsys.readouterr().err


def test_sizes_below_the_least(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "net.py"
    script.write_text(
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    def forward(self, x):\n"
        "        return x if x.shape[0] > 2 else -x\n"
        "net = Net()\n"
    )
    where = ["export", f"{script}:net", "-o", str(tmp_path / "net.stablehlo"), "--input", "float32[n]"]
    assert main(where) == 0
    assert capsys.readouterr().out.endswith("@Net(x: f32[n]) -> (f32[n]), n >= 3\n")
    assert main([*where, "--size", "n=3"]) == 0
    assert capsys.readouterr().out.endswith("@Net(x: f32[3]) -> (f32[3])\n")
    assert main([*where, "--size", "n=2"]) == 2
    assert capsys.readouterr().err == (
        "diptych: export: --size has n=2, but the model does something else below n=3; try: the number in --input in "
        "place of the name\n"
    )


def test_nothing_is_left_half_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script, folder = tmp_path / "net.py", tmp_path / "folder.stablehlo"
    script.write_text("import torch\nnet = torch.nn.ReLU()\n")
    folder.mkdir()
    for output, message in (
        (tmp_path / "nowhere" / "x.stablehlo", f"there is no folder {tmp_path / 'nowhere'}"),
        (folder, "Is a directory"),
    ):
        assert main(["export", f"{script}:net", "-o", str(output), "--input", "float32[2]"]) == 2
        assert capsys.readouterr().err == f"diptych: {output}: {message}\n"
    assert sorted(each.name for each in tmp_path.iterdir() if each.name != "__pycache__") == [
        "folder.stablehlo",
        "net.py",
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("float32", "export: input is 'float32' but must be a dtype and sizes\n  try: float32[batch, 3, 32, 32]"),
        ("float33[2]", "export: input 'float33[2]': float33 is no dtype\n  try: float32, int64, bool, bfloat16"),
        ("float32[2,,3]", "export: input 'float32[2,,3]' has an empty size"),
        ("float32[2-3]", "export: input 'float32[2-3]' has a size of -1 but sizes must be 0 or more"),
        ("float32[3 - n]", "export: input 'float32[3 - n]' has a size of -n + 3 but sizes must be 0 or more"),
        ("float[2]", "export: input 'float[2]': float is no dtype\n  try: float32, int64, bool, bfloat16"),
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


def unique(x: Any) -> Any:
    return tf.unique(tf.cast(x[:, 0], tf.int32), name="unique")[0]


def text(x: Any) -> Any:
    return [x, tf.constant("a", name="text")]


def reshaped(x: Any) -> Any:
    return tf.reshape(x, [tf.cast(x[0, 0], tf.int32), -1], name="turned")


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (variable, "export: steps (VariableV2) is a variable that is written, and files keep nothing"),
        (dropout, "export: drop/random_uniform/RandomUniform (RandomUniform) draws random numbers, and files keep nothing"),
        (python, "export: python (PyFunc) is computed by Python, outside of programs"),
        (mask, "export: a size or axis depends on what is computed, boolean_mask/Where (Where), and not on sizes alone"),
        (unique, "export: unique (Unique) needs numbers for sizes"),
        (text, "export: text:0 holds string, which is no number"),
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
            (x, ["float32[2, 4]"] * 2, "export: 2 types are given, but there are 1 inputs"),
            ([x, text], [], "export: text:0 holds string, which is no number"),
            ([x, some], [], "export: nobody knows the rank of some:0"),
        ):
            with pytest.raises(DiptychError, match=message):
                diptych.export(session, inputs, x + 1, types=types)
        with pytest.raises(DiptychError, match="export: outputs must be tensors, not operations"):
            diptych.export(session, x, tf.no_op())


def test_signatures_that_files_cannot_have(tmp_path: Path) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [1], name="x")
        text = tf.placeholder(tf.string, [None], name="text")
        parsed = tf.parse_example(text, {"a": tf.FixedLenFeature([3], tf.float32)}, name="parse")["a"]
        signature = tf.saved_model.signature_def_utils.predict_signature_def
        builder = tf.saved_model.builder.SavedModelBuilder(str(tmp_path / "saved"))
        signatures = {
            "texts": signature({"text": text}, {"a": parsed}), "twice": signature({"a": x, "b": x}, {"y": x}),
            "nothing": tf.saved_model.signature_def_utils.build_signature_def({}, {}, "m"),
        }  # fmt: skip
        builder.add_meta_graph_and_variables(session, ["serve"], signatures)
        builder.save()
        with pytest.raises(DiptychError, match=r"^export: x:0 is an input twice, but may be one once$"):
            diptych.export(session, [x, x], x)
    for name, message in (
        ("texts", "export: text:0 holds string, which is no number"),
        ("twice", "export: x:0 is an input twice, but may be one once"),
        ("nothing", "export: outputs must be tensors, not operations"),
    ):
        with pytest.raises(DiptychError) as caught:
            diptych.export(tmp_path / "saved", signature=name)
        assert caught.value.message == message and caught.value.location is None


def test_saved_models_that_are_damaged(tmp_path: Path) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        x, v = tf.placeholder(tf.float32, [None], name="x"), tf.get_variable("v", [1])
        session.run(v.initializer)
        tf.saved_model.simple_save(session, str(tmp_path / "whole"), {"x": x}, {"y": x + v})
    for damage, message in (
        (lambda file: None, "The passed save_path is not a valid checkpoint: "),
        (lambda file: file.write_bytes(b""), "TensorBundle at .*variables shard 0 ends before tensor 'v' does$"),
        (lambda file: file.unlink(), "Restoring from checkpoint failed"),
    ):
        folder = tmp_path / "damaged"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(tmp_path / "whole", folder)
        (data,) = (folder / "variables").glob("*.data-*")
        damage(data)
        if message.startswith("The passed"):
            (folder / "variables" / "variables.index").unlink()
        with pytest.raises(DiptychError, match=f"^export: {folder}: {message}") as caught:
            diptych.export(folder)
        assert caught.value.location is None


def test_padding_that_sizes_decide() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, None, 4, 1], name="x")
        pooled, means = tf.nn.max_pool(x, 3, 2, "SAME"), tf.nn.avg_pool(x, 3, 1, "SAME", name="means")
        with pytest.raises(Unsupported) as caught:
            diptych.export(session, x, pooled)
        assert caught.value.message == "export: SAME padding of x_1 elements in strides of 2 depends on that size"
        assert caught.value.hint == 'padding "VALID", or a size that 2 divides, such as 2*n'
        assert caught.value.location is not None
        with pytest.raises(Unsupported, match=r"^export: means \(AvgPool\) needs numbers for sizes\n  at "):
            diptych.export(session, x, means)


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
        ([str(folder), "--program", "1"], "--program is 1 but must be below 1, the number of programs"),
        ([f"{script}:net", "--signature", "a"], f"export: --signature and --tags are of saved models, and {script}:net is no"),
        ([str(folder), "--tags", "gpu"], f"export: {folder}: MetaGraphDef associated with tags 'gpu' could not be found"),
    ):  # fmt: skip
        assert main(["export", *arguments, "-o", str(tmp_path / "out.stablehlo")]) == 2
        assert capsys.readouterr().err.startswith(f"diptych: {message}")
    assert main(["export", str(folder), "-o", str(tmp_path / "out.stablehlo"), "--size", "batch=3"]) == 0
    assert "@model(x: f32[3]) -> (y: f32[3])" in capsys.readouterr().out

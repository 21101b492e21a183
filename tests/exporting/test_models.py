"""Whole models with their weights as files that jax alone runs: their numbers are those of the models."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import diptych
import diptych.eager as torch
import diptych.static as tf
import numpy as np
import pytest
from diptych.cli import main
from diptych.eager import nn
from diptych.eager.func import trees

pytest.importorskip("jax")

ALONE = """
import sys
sys.modules["diptych"] = None  # so that importing it raises
import jax, numpy as np
from jax import export
jax.config.update("jax_enable_x64", True)
for name in sys.argv[1:]:
    data = np.load(name + ".npz")
    program = export.deserialize(bytearray(open(name + ".stablehlo", "rb").read()))
    for run in range(int(data["runs"])):
        given = [data[f"{run}.in{place}"] for place in range(int(data["inputs"]))]
        for place, found in enumerate(program.call(*given)):
            np.testing.assert_allclose(np.asarray(found), data[f"{run}.out{place}"], rtol=2e-5, atol=1e-6)
print("alike")
"""

SCRIPT = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8)
        self.drop, self.head = nn.Dropout(0.5), nn.Linear(8 * 4 * 4, 10)

    def forward(self, image):
        x = nn.functional.max_pool2d(torch.relu(self.norm(self.conv(image))), 2)
        return self.head(self.drop(x.view(x.shape[0], -1)))

torch.manual_seed(0)
net = Net()
"""


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(np.float32)


class Reader(nn.Module):
    """A transformer of one layer, with a mask and positions of as many tokens as come."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens, self.places = nn.Embedding(20, 8), nn.Embedding(32, 8)
        self.qkv, self.head = nn.Linear(8, 24), nn.Linear(8, 20)

    def forward(self, ids: Any) -> Any:
        batch, time = ids.shape
        x = self.tokens(ids) + self.places(torch.arange(time))
        q, k, v = (part.view(batch, time, 2, 4).transpose(1, 2) for part in self.qkv(x).chunk(3, -1))
        mask = torch.triu(torch.full((time, time), float("-inf")), 1)
        y = ((q @ k.transpose(-1, -2)) / 2 + mask).softmax(-1) @ v
        x = x + y.transpose(1, 2).reshape(batch, time, 8)
        return {"logits": self.head(x).reshape(batch * time, 20), "mean": (x.mean(), x.mean(1))}


def results(module: Any, *inputs: np.ndarray) -> list[np.ndarray]:
    with torch.no_grad():
        return [each.numpy() for each in trees.leaves(module.eval()(*map(torch.from_numpy, inputs)))]


def called(data: bytes, *inputs: np.ndarray) -> list[np.ndarray]:
    from diptych.backends.jax import wide_types
    from jax import export

    with wide_types():
        return [np.asarray(each) for each in export.deserialize(bytearray(data)).call(*inputs)]


def check(data: bytes, module: Any, *inputs: np.ndarray) -> None:
    for found, wanted in zip(called(data, *inputs), results(module, *inputs), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=1e-6)


def kept(file: Path, runs: list[tuple[list[np.ndarray], list[np.ndarray]]]) -> str:
    """Writes what a model was given and gave beside it; its name."""
    arrays = {"runs": np.array(len(runs)), "inputs": np.array(len(runs[0][0]))}
    for number, (given, found) in enumerate(runs):
        arrays |= {f"{number}.in{place}": each for place, each in enumerate(given)}
        arrays |= {f"{number}.out{place}": each for place, each in enumerate(found)}
    np.savez(file.with_suffix(".npz"), **arrays)
    return str(file.with_suffix(""))


def classifier() -> tuple[Any, Any, Any]:
    """A trained graph of images, in a session."""
    with tf.Graph().as_default():
        tf.set_random_seed(1)
        x = tf.placeholder(tf.float32, [None, 8, 8, 1], name="images")
        h = tf.layers.conv2d(x, 4, 3, padding="same", activation=tf.nn.relu, name="conv")
        h = tf.layers.flatten(tf.layers.max_pooling2d(tf.layers.batch_normalization(h, training=False), 2, 2))
        logits = tf.layers.dense(tf.reshape(h, [tf.shape(x)[0], 16, 4])[:, :, 1], 3, name="head")
        train = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_mean(tf.square(logits)))
        session = tf.Session()
        session.run(tf.global_variables_initializer())
        session.run(train, {x: normal(5, 8, 8, 1)})
        return session, [x], [logits, tf.nn.softmax(logits)]


def test_jax_alone_runs_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import runpy

    script, module = tmp_path / "model.py", tmp_path / "module.stablehlo"
    script.write_text(SCRIPT)
    argument = ["--input", "float32[batch, 3, 8, 8]"]
    assert main(["export", f"{script}:net", "-o", str(module), *argument]) == 0
    assert "@Net(image: f32[batch,3,8,8]) -> (f32[batch,10])" in capsys.readouterr().out
    diptych.replace.install()
    try:
        net = runpy.run_path(str(script))["net"]
    finally:
        diptych.replace.uninstall()
    images = [normal(rows, 3, 8, 8) for rows in (2, 6)]
    names = [kept(module, [([each], results(net, each)) for each in images])]

    session, (x,), outputs = classifier()
    runs = [([each], session.run(outputs, {x: each})) for each in (normal(1, 8, 8, 1), normal(4, 8, 8, 1))]
    graph = tmp_path / "graph.stablehlo"
    graph.write_bytes(diptych.export(session, [x], outputs))
    names.append(kept(graph, runs))

    folder, saved = tmp_path / "saved", tmp_path / "saved.stablehlo"
    with session.graph.as_default():
        tf.saved_model.simple_save(session, str(folder), {"images": x}, {"p": outputs[1], "logits": outputs[0]})
    assert main(["export", str(folder), "-o", str(saved)]) == 0
    said = capsys.readouterr().out
    assert "@model(images: f32[batch,8,8,1]) -> (logits: f32[batch,3], p: f32[batch,3])" in said
    names.append(kept(saved, runs))
    assert (
        called(diptych.export(folder), runs[0][0][0])[0].tolist()
        == called(saved.read_bytes(), runs[0][0][0])[0].tolist()
    )

    ran = subprocess.run([sys.executable, "-c", ALONE, *names], capture_output=True, text=True, cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (0, "alike\n"), ran.stderr


def test_two_sizes_stay_open() -> None:
    torch.manual_seed(0)
    reader = Reader()
    data = diptych.export(reader, "int64[batch, time]")
    for shape in ((1, 1), (3, 5), (2, 32)):
        check(data, reader, np.random.default_rng(0).integers(0, 20, shape))


def test_sizes_of_windows_stay_open() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    data = diptych.export(net, "float32[batch, 1, height, width]")
    for shape in ((1, 1, 12, 9), (3, 1, 33, 64)):
        check(data, net, normal(*shape))


class Block(nn.Module):
    """Two ways through strides, whose results are added."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.first, self.norm = nn.Conv2d(4, 4, 3, stride, 1, bias=False), nn.BatchNorm2d(4)
        self.second, self.short = nn.Conv2d(4, 4, 3, 1, 1), nn.Conv2d(4, 4, 1, stride)

    def forward(self, x: Any) -> Any:
        return torch.relu(self.second(torch.relu(self.norm(self.first(x)))) + self.short(x))


def test_sizes_behind_strides_stay_open() -> None:
    torch.manual_seed(0)
    stem = nn.Sequential(nn.Conv2d(3, 4, 7, 2, 3), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
    net = nn.Sequential(stem, Block(1), Block(2), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    data = diptych.export(net, "float32[batch, 3, height, width]")
    for shape in ((1, 3, 32, 33), (2, 3, 18, 47)):
        check(data, net, normal(*shape))


def test_steps_stay_open() -> None:
    """A recurrence over as many steps as come."""
    torch.manual_seed(0)
    reader = nn.Sequential(nn.Embedding(9, 4), nn.LSTM(4, 3, 2, batch_first=True, bidirectional=True))
    data = diptych.export(reader, "int64[batch, time]")
    for shape in ((1, 1), (3, 7)):
        check(data, reader, np.random.default_rng(0).integers(0, 9, shape))


class Made(nn.Module):
    def __init__(self, forward: Any) -> None:
        super().__init__()
        self.computes = forward

    def forward(self, x: Any) -> Any:
        return self.computes(x)


@pytest.mark.parametrize(
    "forward",
    [
        lambda x: (x[:, ::2], torch.zeros(x.shape[0], x.shape[1] // 2 + 1)),  # alike in odd sizes
        lambda x: (nn.functional.max_pool1d(x[:, None], 2), torch.ones((x.shape[1] - 1) // 2)),
        lambda x: (x[:, 1::3], x.chunk(2, 1)[0], x[: x.shape[0] // 4 + 1]),
        lambda x: (x[:, 1:-1], x[:, :4], x[:, 3], x.topk(2).values),
        lambda x: x.gather(1, x.argsort(1)[:, :2]),
    ],
    ids=["step", "windows", "thirds", "ends", "indices"],
)
def test_sizes_that_are_rounded(forward: Any) -> None:
    data = diptych.export(Made(forward), "float32[n, w]")
    for shape in ((2, 8), (3, 7), (5, 6), (9, 12)):
        check(data, Made(forward), normal(*shape))


def test_sizes_by_which_python_decides_are_refused() -> None:
    """They are small ones; others must lead to the same program."""
    for forward, least in (
        (lambda x: x if x.shape[0] == 1 else -x, 2),
        (lambda x: x if x.shape[0] > 3 else -x, 4),
        (lambda x: x.squeeze(0), 2),
        (lambda x: x - x.mean(0, keepdim=True), 1),  # which needs no broadcast then
    ):
        net = Made(forward)
        data = diptych.export(net, "float32[n, 3]")
        check(data, net, normal(least, 3))
        if least > 1:
            with pytest.raises(ValueError, match="Error refining shapes"):  # as jax says it
                called(data, normal(least - 1, 3))


def test_results_that_are_nothing_are_left_out() -> None:
    data = diptych.export(Made(lambda x: {"x": x, "none": None, "more": (None, [x + 1])}), "float32[n]")
    assert [each.tolist() for each in called(data, np.ones(2, np.float32))] == [[1, 1], [2, 2]]


class Doubling(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return 2 * x

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> Any:
        return 2 * gradient


def test_functions_that_a_program_defines() -> None:
    assert called(diptych.export(Made(Doubling.apply), "float32[n]"), np.ones(2, np.float32))[0].tolist() == [2, 2]


def test_numbers_for_sizes_and_arrays_for_types() -> None:
    torch.manual_seed(0)
    cell = nn.LSTM(4, 5, batch_first=True)
    given = normal(2, 6, 4)
    check(diptych.export(cell, given), cell, given)
    check(diptych.export(cell, ["float32[batch, 6, 4]"]), cell, given)


def test_a_model_stays_as_it_was() -> None:
    net = nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.5))
    net[1].eval()
    waiting = torch.ones(3) * 2  # which is on the tape while the model is noted on another
    diptych.export(net, "float32[rows, 3]")
    assert (net.training, net[0].training, net[1].training) == (True, True, False)
    assert waiting.tolist() == [2.0, 2.0, 2.0] and all(each.requires_grad for each in net.parameters())


class Noting(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Any] = []
        self.by_size: dict[int, Any] = {}
        self.calls = 0

    def forward(self, x: Any) -> Any:
        self.calls += 1
        self.seen.append(x)
        self.last = self.by_size[x.shape[0]] = x + self.calls
        return self.last


def test_a_model_forgets_what_it_noted() -> None:
    model = Noting()
    data = diptych.export(model, "float32[n]")
    assert (model.calls, model.seen, model.by_size, hasattr(model, "last")) == (0, [], {}, False)
    assert called(data, np.ones(2, np.float32))[0].tolist() == [2, 2]


def test_what_is_written_on_the_way() -> None:
    class Adding(nn.Module):
        def forward(self, x: Any) -> Any:
            x += 1
            y = torch.zeros(x.shape[0], 2)
            y[:, 0] = x.sum(1)
            return y, x.shape[0] * x, torch.tensor([1.0, 2.0])

    data = diptych.export(Adding(), "float32[rows, 3]")
    found = called(data, np.ones((2, 3), np.float32))
    assert [each.tolist() for each in found] == [[[6.0, 0.0]] * 2, [[4.0] * 3] * 2, [1.0, 2.0]]


def test_types_of_a_session_may_be_given() -> None:
    session, inputs, outputs = classifier()
    data = diptych.export(session, inputs, outputs[0], types=["float32[3, 8, 8, 1]"])
    (found,) = called(data, normal(3, 8, 8, 1))
    np.testing.assert_allclose(found, session.run(outputs[0], {inputs[0]: normal(3, 8, 8, 1)}), rtol=2e-5)


def test_a_fed_number_may_choose_a_branch() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        x, twice = tf.placeholder(tf.float32, [None], name="x"), tf.placeholder(tf.bool, [], name="twice")
        y = tf.cond(twice, lambda: 2 * x, lambda: x)
        data = diptych.export(session, [twice, x], y)
    for flag, wanted in ((True, [2.0, 4.0]), (False, [1.0, 2.0])):
        assert called(data, np.array(flag), np.array([1, 2], np.float32))[0].tolist() == wanted


@pytest.mark.parametrize(
    ("shape", "build"),
    [
        ([None, None, None, 1], lambda x: tf.layers.average_pooling2d(tf.layers.conv2d(x, 2, 3, strides=2), 2, 2)),
        ([None, None, None, 1], lambda x: tf.layers.max_pooling2d(tf.layers.conv2d(x, 2, 3, padding="same"), 2, 2)),
        ([None, None, 3], lambda x: tf.nn.dynamic_rnn(tf.nn.rnn_cell.GRUCell(2), x, dtype=tf.float32)[0]),
        ([None, 3], lambda x: (tf.map_fn(lambda row: 2 * row, x), tf.scan(lambda sum, row: sum + row, x))),
    ],
    ids=["strides", "same", "steps", "rows"],
)
def test_unknown_sizes_of_a_session_stay_open(shape: Any, build: Any) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, shape)
        y = build(x)
        session.run(tf.global_variables_initializer())
        data = diptych.export(session, x, y)
        for size in (8, 11):
            given = normal(*(size if dim is None else dim for dim in shape))
            for found, wanted in zip(called(data, given), trees.leaves(session.run(y, {x: given})), strict=True):
                np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=1e-6)


def test_same_padding_of_sizes_that_strides_divide() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, None, 1])
        y = tf.layers.conv1d(x, 2, 3, strides=2, padding="same")
        session.run(tf.global_variables_initializer())
        data = diptych.export(session, x, y, types="float32[batch, 2*n, 1]")
        given = normal(2, 6, 1)
        np.testing.assert_allclose(called(data, given)[0], session.run(y, {x: given}), rtol=2e-5)


def test_assertions_are_left_out() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        x, flag = tf.placeholder(tf.float32, [None]), tf.placeholder(tf.bool, [])

        def checked() -> Any:
            with tf.control_dependencies([tf.Assert(tf.reduce_all(x > 0), [x])]):
                return 2 * x

        y = tf.cond(flag, checked, lambda: x)
        data = diptych.export(session, [x, flag], [checked(), y])
    assert [each.tolist() for each in called(data, np.array([-1], np.float32), np.array(True))] == [[-2], [-2]]

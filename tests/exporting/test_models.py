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

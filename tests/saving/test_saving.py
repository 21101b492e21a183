"""Checkpoints come back as they were, whole or not at all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diptych
import diptych.eager as torch
import diptych.static as tf
import ml_dtypes
import numpy as np
import pytest
from diptych.backends.settings import configure
from diptych.ir import DiptychError


def state() -> dict[str, Any]:
    net = torch.nn.Linear(4, 3)
    optimizer = torch.optim.Adam(net.parameters())
    net(torch.ones(2, 4)).sum().backward()
    optimizer.step()
    return {"model": net.state_dict(), "optimizer": optimizer.state_dict(), "step": 7, "rates": (0.5, None, "x", True)}


def same(one: Any, other: Any) -> None:
    assert type(one) is type(other) or (isinstance(one, dict) and isinstance(other, dict))
    if isinstance(one, dict):
        assert list(one) == list(other)
        for key, each in one.items():
            same(each, other[key])
    elif isinstance(one, list | tuple):
        for mine, theirs in zip(one, other, strict=True):
            same(mine, theirs)
    elif hasattr(one, "_array"):
        same(np.asarray(one._array()), np.asarray(other._array()))
    elif isinstance(one, np.ndarray):
        assert one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    else:
        assert one == other


def test_state_comes_back(tmp_path: Path) -> None:
    saved = state()
    folder = diptych.save_checkpoint(tmp_path, saved, 3)
    assert folder == tmp_path / "step-000000003" and diptych.checkpoints(tmp_path) == [3]
    found = diptych.load_checkpoint(tmp_path)
    same(dict(saved), found)
    net, optimizer = torch.nn.Linear(4, 3), None
    net.load_state_dict(found["model"])
    optimizer = torch.optim.Adam(net.parameters())
    optimizer.load_state_dict(found["optimizer"])
    same(dict(net.state_dict()), dict(saved["model"]))


@pytest.mark.parametrize(
    "dtype",
    [
        "bool",
        "int8",
        "uint64",
        "float16",
        "float64",
        "complex64",
        "complex128",
        ml_dtypes.bfloat16,
        ml_dtypes.float8_e4m3fn,
    ],
)
@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (2, 3)])
def test_every_kind_of_number(dtype: Any, shape: tuple[int, ...], tmp_path: Path) -> None:
    array = (
        np.arange(6).reshape(2, 3)[tuple(slice(0, size) for size in shape)].astype(dtype) if len(shape) == 2 else None
    )
    array = np.full(shape, 2).astype(dtype) if array is None else array
    diptych.save_checkpoint(tmp_path, {"a": array, "a/b": array, "A": {"b": array.T}}, 0)
    same({"a": array, "a/b": array, "A": {"b": array.T.copy()}}, diptych.load_checkpoint(tmp_path))


def test_names_that_meet(tmp_path: Path) -> None:
    tree = {"a": {"b": np.ones(1)}, "a/b": np.zeros(1)}
    diptych.save_checkpoint(tmp_path, tree, 0)
    same(tree, diptych.load_checkpoint(tmp_path))


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    for step in range(5):
        diptych.save_checkpoint(tmp_path, {"x": np.full(2, step)}, step, keep=2)
    assert diptych.checkpoints(tmp_path) == [3, 4]
    assert diptych.load_checkpoint(tmp_path, 3)["x"].tolist() == [3, 3]


def test_a_session(tmp_path: Path) -> None:
    def build() -> tuple[Any, Any]:
        v = tf.get_variable("v", [2], initializer=tf.zeros_initializer())
        return v, tf.assign_add(v, tf.random_normal([2], seed=3))

    with tf.Graph().as_default(), tf.Session() as session:
        _, change = build()
        session.run(tf.global_variables_initializer())
        session.run(change)
        diptych.save_checkpoint(tmp_path, diptych.session_state(session), 1)
        wanted = [session.run(change).tolist() for _ in range(2)]
    with tf.Graph().as_default(), tf.Session() as session:
        _, change = build()
        diptych.restore_session(session, diptych.load_checkpoint(tmp_path))
        assert [session.run(change).tolist() for _ in range(2)] == wanted
        before = diptych.session_state(session)
        for name, array, told in [
            ("variable:w", np.ones(1), "the graph has no variable:w"),
            ("w", np.ones(1), "the graph has no w"),
            ("foo:v", np.ones(2), "the graph has no foo:v"),
            ("variable:v", [1.0, 2.0], "variable:v is of type list but must be an array of float32"),
            ("variable:v", np.ones(2), "variable:v is of float64 but must be an array of float32"),
            ("variable:v", np.ones(3, "f4"), r"variable:v has shape \(3,\) but must have \(2,\)"),
        ]:
            with pytest.raises(DiptychError, match=f"^restore_session: {told}$"):
                diptych.restore_session(session, {"variable:v": np.zeros(2, "f4"), name: array})
        after = diptych.session_state(session)
        assert all(np.array_equal(array, after[name]) for name, array in before.items())


@pytest.mark.parametrize("backend", ["numpy", "jax"])
def test_the_state_of_a_session_is_nobody_elses(backend: str) -> None:
    configure(backend=backend)
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.get_variable("v", [2], initializer=tf.zeros_initializer())
        change = tf.assign_add(v, [1.0, 2.0])
        session.run(v.initializer)
        session.run(change)
        state = diptych.session_state(session)
        for _ in range(2):
            session.run(change)
            assert np.asarray(state["variable:v"]).tolist() == [1, 2]
            diptych.restore_session(session, state)
            assert session.run(v).tolist() == [1, 2]


def damaged(folder: Path) -> None:
    file = folder / "part-00000.safetensors"
    data = bytearray(file.read_bytes())
    data[-3] ^= 1
    file.write_bytes(data)


def with_index(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        index = json.loads((folder / "index.json").read_text())
        change(index)
        (folder / "index.json").write_text(json.dumps(index))

    return damage


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (damaged, "part-00000.safetensors: x is not what was written: its checksum is another one"),
        (lambda folder: (folder / "part-00000.safetensors").unlink(), "part-00000.safetensors: x cannot be read: "),
        (lambda folder: (folder / "part-00000.safetensors").write_bytes(b"1"), "part-00000.safetensors: x cannot be read: "),
        (lambda folder: (folder / "index.json").write_text("{"), "index.json: file is no index of a checkpoint: "),
        (with_index(lambda index: index.update(version=2)), "index.json: index.version is 2 but must be 1"),
        (with_index(lambda index: index.update(more=2)), "index.json: index.more is "),
        (with_index(lambda index: index["arrays"]["x"].update(dtype="moon")), "index.json: x is of dtype moon, which nobody knows"),
        (with_index(lambda index: index["arrays"]["x"].update(shape=[5])), "index.json: x: its pieces do not make up [5]"),
        (
            with_index(lambda index: index["arrays"]["x"]["pieces"][0].update(offset=[1])),
            "index.json: x: a piece at [1] of [4] lies outside of [4]",
        ),
        (
            with_index(lambda index: index["arrays"]["x"]["pieces"][0].update(file="../x.safetensors")),
            "index.json: index.arrays.x.pieces[0].file is ",
        ),
        (with_index(lambda index: index.update(tree={"array": "y"})), "its state is not as save_checkpoint writes it"),
        (with_index(lambda index: index.update(tree={"dict": [[[], 1]]})), "its state is not as save_checkpoint writes it"),
    ],
)  # fmt: skip
def test_what_is_not_what_was_written_is_refused(damage: Callable[[Path], None], message: str, tmp_path: Path) -> None:
    folder = diptych.save_checkpoint(tmp_path, {"x": np.arange(4.0)}, 1)
    damage(folder)
    with pytest.raises(DiptychError) as refused:
        diptych.load_checkpoint(tmp_path)
    assert message in str(refused.value)


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(DiptychError, match="load_checkpoint: there is no checkpoint in "):
        diptych.load_checkpoint(tmp_path / "none")
    diptych.save_checkpoint(tmp_path, 1, 1)
    with pytest.raises(DiptychError, match="step-000000001 is there already"):
        diptych.save_checkpoint(tmp_path, 1, 1)
    with pytest.raises(DiptychError, match="there is no checkpoint 2 in .*, but 1$"):
        diptych.load_checkpoint(tmp_path, 2)
    for arguments, message in (
        (({"x": object()}, 2), "save_checkpoint: x is of type object, which is not saved"),
        (({(1, 2): 3}, 2), "save_checkpoint: the state has key (1, 2) but must have texts or numbers"),
        ((1, -1), "save_checkpoint: step is -1 but must be a whole number, 0 or more"),
    ):
        with pytest.raises(DiptychError) as refused:
            diptych.save_checkpoint(tmp_path, *arguments)
        assert str(refused.value) == message
    with pytest.raises(DiptychError, match="save_checkpoint: keep is 0 but must be 1 or more"):
        diptych.save_checkpoint(tmp_path, 1, 2, keep=0)
    (tmp_path / "file").write_text("")
    with pytest.raises(DiptychError, match="save_checkpoint: .*: Not a directory"):
        diptych.save_checkpoint(tmp_path / "file", 1, 2)


SAVING = """
import sys
import diptych
import numpy as np
for step in range(1, 10_000):
    diptych.save_checkpoint(sys.argv[1], {"x": np.full(2_000_000, step, np.int32), "step": step}, step, keep=2)
    print(step, flush=True)
"""


@pytest.mark.parametrize("delay", [0.0, 0.007, 0.013, 0.019, 0.023, 0.029])
def test_a_process_that_is_killed_while_it_saves(delay: float, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SAVING, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(2):
            process.stdout.readline()
        time.sleep(delay)
        os.kill(process.pid, signal.SIGKILL)
    steps = diptych.checkpoints(tmp_path)
    assert steps
    for step in steps:
        found = diptych.load_checkpoint(tmp_path, step)
        assert found["step"] == step and set(found["x"].tolist()) == {step}
    diptych.save_checkpoint(tmp_path, {"x": 1}, steps[-1] + 1)  # what was left of the other does not matter
    assert not [each.name for each in tmp_path.iterdir() if each.name.endswith(".partial")]

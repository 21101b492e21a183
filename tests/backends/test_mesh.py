"""Meshes: how parameters, batches and what optimizers keep are split, what is refused, and that one device is enough."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import diptych
import diptych.eager as torch
import diptych.static as tf
import numpy as np
import pytest
from diptych import backends
from diptych.backends import settings as settings_module
from diptych.backends.mesh import Mesh, active, current, make_mesh
from diptych.eager.tapes.tape import tape
from diptych.ir import (
    Builder,
    DiptychError,
    Function,
    HostFunction,
    Location,
    TensorType,
    Unsupported,
    dtypes,
    ops,
    parse,
)

RULES = {r".*attn.*weight": ("model", None), r"table": (("data", "model"),), r".*\.bias": ()}


@pytest.fixture(autouse=True)
def settings_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_module, "_current", settings_module.Settings())


@pytest.fixture
def mesh() -> Mesh:
    return make_mesh({"data": 4, "model": 2}, RULES, zero=False)


@pytest.mark.parametrize(
    ("name", "shape", "axes"),
    [
        ("blocks.0.attn.out.weight", (64, 32), "model ."),
        ("blocks.0.attn.weight", (2,), "model"),
        ("table", (800, 16), "data+model ."),
        ("other", (3, 3), ". ."),
        ("scale", (), ""),
        ("head.bias", (7,), "."),
        ("my table", (3,), "."),  # the whole name must fit
    ],
)
def test_parameters(mesh: Mesh, name: str, shape: tuple[int, ...], axes: str) -> None:
    if name == "blocks.0.attn.weight":
        with pytest.raises(DiptychError, match="splits 2 dimensions, but blocks.0.attn.weight has 1"):
            mesh.of_parameter(name, shape)
    else:
        assert mesh.of_parameter(name, shape) == axes


def test_sizes_must_divide(mesh: Mesh) -> None:
    with pytest.raises(DiptychError) as refused:
        mesh.of_parameter("table", (12, 4))
    wanted = "mesh: dimension 0 of table is 12 but must be a multiple of 8, the size of data and model"
    assert refused.value.message == wanted


@pytest.mark.parametrize(
    ("shape", "axes"), [((32, 8), "data ."), ((30, 8), ". ."), ((), ""), ((2,), "."), ((0, 3), ". ."), ((32,), "data")]
)
def test_batches(mesh: Mesh, shape: tuple[int, ...], axes: str) -> None:
    assert mesh.of_batch(shape) == axes
    assert set(make_mesh({"model": 2}, None, zero=False).of_batch(shape)) <= set(". ")


def test_what_optimizers_keep() -> None:
    plain, zero = (make_mesh({"data": 4, "model": 2}, None, zero=each) for each in (False, True))
    assert plain.of_state("model .", (8, 12)) == "model ."
    assert zero.of_state("model .", (8, 12)) == "model data"
    assert zero.of_state(". .", (6, 12)) == ". data"
    assert zero.of_state(". .", (6, 3)) == ". ."
    assert zero.of_state("data+model .", (8, 12)) == "data+model ."


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: diptych.mesh(), "mesh: there are no axes\n  try: diptych.mesh(data=2)"),
        (lambda: diptych.mesh(data=0), "mesh: data is 0 but must be a whole number, 1 or more"),
        (lambda: diptych.mesh(data=True), "mesh: data is True but must be a whole number, 1 or more"),
        (lambda: diptych.mesh(data="2"), "mesh: data is '2' but must be a whole number, 1 or more"),  # type: ignore[arg-type]
        (lambda: diptych.mesh({"(": ("data",)}, data=2), "mesh: rule '(' is no pattern: missing ), "),
        (
            lambda: diptych.mesh({"a": "data"}, data=2),
            "mesh: rule 'a' is 'data' but must be a sequence\n  try: ('data',)",
        ),
        (lambda: diptych.mesh({"a": ("x",)}, data=2), "mesh: rule 'a' has axis 'x' but must have some of data"),
        (lambda: diptych.mesh({"a": ("data", "data")}, data=2), "mesh: rule 'a' has axis 'data' twice"),
        (
            lambda: diptych.mesh(zero=True, model=2),
            "mesh: zero is set but there is no axis data, which it splits along",
        ),
        (lambda: diptych.shard(3, "data"), "shard: x is of type int but must be a tensor of a front end"),
        (lambda: diptych.shard(torch.ones(2), "a", "b"), "shard has 2 axes, but there is 1 dimension"),
        (lambda: diptych.shard(torch.ones(2, 2), "a", ("b", "a")), "shard has axis 'a' twice"),
        (lambda: diptych.shard(torch.ones(2), "2x"), "shard has axis '2x' but must have names"),
    ],
)
def test_refusals(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(DiptychError) as refused:
        make()
    assert str(refused.value).startswith(message)


def test_an_unknown_rank_cannot_be_split() -> None:
    with tf.Graph().as_default(), pytest.raises(DiptychError, match="shard: the rank of x:0 is not known"):
        diptych.shard(tf.placeholder(tf.float32, name="x"), "data")


SPLIT = """func @f(%x: f32[8,4]) -> (f32[8,4]) {
  %y: f32[8,4] = shard %x {axes="data ."}
  %z: f32[8,4] = add %y, %y
  %s: f32[8,4] = shard %z {axes=". data"}
  return %s
}"""


def test_numpy_knows_nothing_of_it() -> None:
    executable = backends.compile(parse(SPLIT), backend="numpy")
    assert isinstance(executable, backends.Executable)
    assert _count(executable.optimised) == 0
    assert np.array_equal(executable(np.ones((8, 4), np.float32))[0], np.full((8, 4), 2, np.float32))


def test_passes_of_jax_keep_it() -> None:
    executable = backends.compile(parse(SPLIT), backend="jax")
    assert isinstance(executable, backends.Executable) and _count(executable.optimised) == 2
    assert np.array_equal(executable(np.ones((8, 4), np.float32))[0], np.full((8, 4), 2, np.float32))


def _count(function: Function) -> int:
    return sum(equation.op is ops.shard for equation in function.equations)


def test_meshes_nest_and_end(mesh: Mesh) -> None:
    other = make_mesh({"data": 2}, None, zero=False)
    assert current() is None
    with active(mesh):
        assert current() is mesh
        with active(other):
            assert current() is other
        assert current() is mesh
        with pytest.raises(ZeroDivisionError), active(other):
            raise ZeroDivisionError
        assert current() is mesh
    assert current() is None


def test_what_waits_runs_before_the_mesh_changes() -> None:
    x = torch.ones(4) * 2
    flushes = tape.flushes
    with diptych.mesh(data=1):
        assert tape.flushes == flushes + 1 and x._storage.lazy.array is not None
        y = x + 1
    assert y._storage.lazy.array is not None and y.tolist() == [3.0] * 4


@pytest.mark.parametrize("backend", ["numpy", "jax"])
def test_splitting_changes_no_number(backend: str) -> None:
    diptych.configure(backend=backend)
    rules = {".*weight": ("data",)}
    found: list[list[float]] = []
    for block in (diptych.mesh(rules, data=1, zero=True), diptych.mesh(data=1)):
        torch.manual_seed(0)
        with block:
            net = torch.nn.Linear(4, 3)
            optimizer = torch.optim.Adam(net.parameters())
            for _ in range(3):
                loss = diptych.shard(net(torch.ones(8, 4)) ** 2, "data").sum()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            found.append([loss.item(), *net.weight.flatten().tolist()])
    assert found[0] == found[1]


@pytest.mark.parametrize("backend", ["numpy", "jax"])
def test_graphs_split(backend: str) -> None:
    diptych.configure(backend=backend)
    with tf.Graph().as_default(), diptych.mesh(data=1), tf.Session() as session:
        x = tf.constant(np.arange(8, dtype=np.float32).reshape(4, 2))
        y = diptych.shard(x * 2, "data")
        (gradient,) = tf.gradients(y * y, x)
        assert y.shape.as_list() == [4, 2]
        assert session.run(gradient).tolist() == (8 * np.arange(8).reshape(4, 2)).tolist()


def test_too_few_devices() -> None:
    with diptych.mesh(data=4096), pytest.raises(DiptychError) as refused:
        backends.compile(parse(SPLIT), backend="jax")
    diptych.configure(backend="jax")
    with pytest.raises(DiptychError, match=re.escape(refused.value.message)):
        diptych.mesh(data=4096)  # at the block's own line, where its programs would run on jax
    assert refused.value.message.startswith("mesh(data=4096) needs 4096 devices, but jax has ")
    assert "xla_force_host_platform_device_count" in (refused.value.hint or "")


def test_an_axis_that_the_mesh_has_not() -> None:
    with (
        diptych.mesh(rows=1),
        pytest.raises(DiptychError, match="shard: axes has data but must have some of the mesh's, rows"),
    ):
        backends.compile(parse(SPLIT), backend="jax")(np.ones((8, 4), np.float32))


@pytest.mark.parametrize(
    ("backend", "message"),
    [
        ("jax:gpu", "backend jax: there is no gpu here, but cpu"),
        ("jax:cpu:7", "backend jax: there is no cpu:7 here: the last one is cpu:0"),
    ],
)
def test_devices_that_are_not_there(backend: str, message: str) -> None:
    import jax

    if {each.platform for each in jax.devices()} != {"cpu"} or len(jax.devices()) > 1:
        pytest.skip("there are other devices")
    with pytest.raises(DiptychError) as refused:
        backends.compile(parse(SPLIT), backend=backend)
    assert refused.value.message == message


def test_a_device() -> None:
    executable = backends.compile(parse(SPLIT), backend="jax:cpu:0")
    (found,) = executable(np.ones((8, 4), np.float32))
    assert {device.platform for device in found.devices()} == {"cpu"}
    assert backends.compile(parse(SPLIT), backend="jax") is not executable


def test_a_python_function_on_several_devices_is_refused() -> None:
    from diptych.backends.jax.runner import check_no_host_calls

    b = Builder("f")
    b.location = Location("train.py", 3, text="y = tf.py_func(seen, [x], tf.float32)")
    x = b.parameter(TensorType(dtypes.f32))
    made = b.host_call(x, function=HostFunction("seen"), results=(x.type,))
    with pytest.raises(Unsupported) as caught:
        check_no_host_calls(b.finish(made))
    assert str(caught.value) == (
        "a Python function is called within a program of several devices\n"
        "  at train.py:3: y = tf.py_func(seen, [x], tf.float32)\n"
        "  try: call it between programs, or outside of the mesh"
    )
    silent = Builder("f")
    silent.host_call(silent.parameter(TensorType(dtypes.f32)), function=HostFunction("seen"), results=())
    check_no_host_calls(silent.finish([]))


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ([1], "mesh: rules is [1] but must be a dict of patterns and axes"),
        ({".*": 3}, "mesh: rule '.*' is 3 but must be a pattern of names with a sequence of axes"),
        ({3: ("data",)}, "mesh: rule 3 is ('data',) but must be a pattern of names with a sequence of axes"),
        ({".*": (3,)}, "mesh: rule '.*' has axis 3 but must have names, sequences of them, or None"),
    ],
)
def test_rules_of_other_types(rules: Any, message: str) -> None:
    with pytest.raises(DiptychError) as caught:
        diptych.mesh(rules, data=1)
    assert caught.value.message == message

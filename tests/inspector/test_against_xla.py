"""FLOP and bytes against what XLA counts of the same program, by `cost_analysis` of what it compiled.

Bytes agree where both run the same equations. They do not where XLA does more or less than the program says, on a CPU:
it turns images with channels first round, there and back, and reads and writes what it fuses once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import diptych.eager as torch
import diptych.static as tf
import numpy as np
import pytest
from diptych import backends
from diptych.backends.jax import wide_types
from diptych.backends.jax.runner import JaxRunner
from diptych.eager.nn.functional import conv2d
from diptych.inspector.cost import cost
from diptych.inspector.roofline import Peak
from diptych.inspector.subjects import FINAL, Subject
from diptych.ir import Function


def tensor(*shape: int, requires_grad: bool = False) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).standard_normal(shape).astype(np.float32)).requires_grad_(
        requires_grad
    )


def matmul() -> Any:
    return tensor(512, 768) @ tensor(768, 1024)


def attention() -> Any:
    q, k, v = (tensor(4, 8, 128, 64) for _ in range(3))
    return (q @ k.transpose(-1, -2)) @ v


def perceptron() -> Any:
    x, first, bias, second = tensor(256, 784), tensor(784, 512), tensor(512), tensor(512, 512)
    return torch.relu(torch.relu(x @ first + bias) @ second)


def perceptron_step() -> Any:
    x = tensor(256, 784)
    first, second = tensor(784, 512, requires_grad=True), tensor(512, 512, requires_grad=True)
    torch.relu(torch.relu(x @ first) @ second).sum().backward()
    return first.grad, second.grad


def convolution() -> Any:
    return conv2d(tensor(8, 32, 28, 28), tensor(64, 32, 3, 3), padding=1)


def convolution_step() -> Any:
    weight = tensor(64, 32, 3, 3, requires_grad=True)
    conv2d(tensor(8, 32, 28, 28), weight, stride=2, padding=1).sum().backward()
    return weight.grad


def channels_last() -> Any:
    with tf.Graph().as_default(), tf.Session() as session:
        x, w, v = (tf.placeholder(tf.float32, shape) for shape in ([8, 28, 28, 32], [3, 3, 32, 64], [5, 5, 64, 64]))
        y = tf.nn.conv2d(tf.nn.conv2d(x, w, [1, 2, 2, 1], "SAME"), v, [1, 1, 1, 1], "VALID")
        session.run(y, {each: np.ones(each.shape.as_list(), np.float32) for each in (x, w, v)})


def program(build: Callable[[], Any]) -> Function:
    """The largest program that is run."""
    with backends.captured() as found:
        made = build()
        for each in made if isinstance(made, tuple) else (made,):
            if each is not None:
                each.tolist()
    return max((each.function for each in found), key=lambda function: len(function.equations))


def by_xla(function: Function) -> dict[str, float]:
    with wide_types():
        found = JaxRunner(function, ())._lowered().compile().cost_analysis()
    return found[0] if isinstance(found, list) else found


def ours(function: Function) -> dict[str, Any]:
    import json

    return json.loads(cost([Subject(function, "numpy")], as_json=True, peak=Peak(9, 9)))["total"]


BUILDS = [matmul, attention, perceptron, perceptron_step, convolution, convolution_step, channels_last]


@pytest.mark.parametrize("build", BUILDS)
def test_flops(build: Callable[[], Any]) -> None:
    function = Subject(program(build), "jax").at(FINAL)
    assert ours(function)["flops"] == pytest.approx(by_xla(function)["flops"], rel=0.01)


@pytest.mark.parametrize("build", [matmul, attention, channels_last])
def test_bytes(build: Callable[[], Any]) -> None:
    function = Subject(program(build), "jax").at(FINAL)
    assert ours(function)["bytes"] == pytest.approx(by_xla(function)["bytes accessed"], rel=0.01)


def test_what_xla_copies_of_images_with_channels_first() -> None:
    function = Subject(program(convolution), "jax").at(FINAL)
    image, result = 8 * 32 * 28 * 28 * 4, 8 * 64 * 28 * 28 * 4
    copies = by_xla(function)["bytes accessed"] - ours(function)["bytes"]
    assert copies == pytest.approx(2 * (image + result) + 2 * 64 * 32 * 9 * 4, rel=0.01)


def test_what_xla_moves_besides_in_a_step_with_channels_first() -> None:
    function = Subject(program(convolution_step), "jax").at(FINAL)
    image, gradient, weight = 8 * 32 * 28 * 28 * 4, 8 * 64 * 14 * 14 * 4, 64 * 32 * 3 * 3 * 4
    more = by_xla(function)["bytes accessed"] - ours(function)["bytes"]
    # It copies the image to channels last and the result back, and writes out a gradient that only repeats a number.
    assert more == 2 * image + 2 * weight + gradient + 4


@pytest.mark.usefixtures("one_thread")
def test_what_xla_moves_less_where_it_fuses() -> None:
    """XLA's bytes are those of our groups, but for numbers that are repeated, which we count as often as they are."""
    hidden = 256 * 512 * 4
    function = program(perceptron)
    whole, grouped = (Subject(function, backend).at(FINAL) for backend in ("jax", "numpy"))
    assert ours(grouped)["bytes"] - by_xla(whole)["bytes accessed"] == hidden  # the 0 of the last relu
    function = program(perceptron_step)
    whole, grouped = (Subject(function, backend).at(FINAL) for backend in ("jax", "numpy"))
    # The 0 that a relu, its comparison and its gradient read; and where a comparison is made and read: XLA makes it
    # again in the gradient, of what the relu read, and reads four numbers in passing.
    less = 3 * hidden + (hidden + hidden // 4) + hidden // 4 - hidden - 4 * 4
    assert ours(grouped)["bytes"] - by_xla(whole)["bytes accessed"] == less

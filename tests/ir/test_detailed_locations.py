"""What locations know while somebody looks: columns, functions, scopes, callers, and what a gradient is of."""

from __future__ import annotations

import sys

import diptych.eager as torch
import diptych.static as tf
from diptych import backends
from diptych.eager import nn
from diptych.ir import Equation, Function, Location, user_location
from diptych.ir.location import detailed


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(3, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + torch.tanh(self.inner(x))


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(Block(), Block())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x).sum()


def train(net: nn.Module) -> Function:
    """The program of a step of training."""
    optimizer = torch.optim.Adam(net.parameters())
    with backends.captured() as found:
        loss = net(torch.full((2, 3), 0.5))
        loss.backward()
        optimizer.step()
        loss.item()
    return max((each.function for each in found), key=lambda each: len(each.equations))


def places(function: Function, op: str) -> list[Location]:
    return [each.location for each in function.equations if each.op.name == op and each.location is not None]


def test_modules_are_scopes() -> None:
    net = Net()
    with detailed(sys._getframe()):
        function = train(net)
    first, second = places(function, "tanh")
    assert (first.scope, second.scope) == ("Net.layers.0", "Net.layers.1")
    assert first.function == "Block.forward"
    assert first.source() == "return x + torch.tanh(self.inner(x))"
    assert first.span == (first.line, 19, 44)
    assert [caller.function for caller in first.callers] == ["Net.forward", "train"]
    assert "Net.layers.1.inner" in {place.scope for place in places(function, "matmul")}
    assert "Adam" in {place.scope for place in places(function, "sqrt")}


def test_a_gradient_says_of_which_value_it_is() -> None:
    net = Net()
    with detailed():
        function = train(net)
    made = {result: each for each in function.equations for result in each.results}
    twins: list[tuple[Equation, Equation]] = []
    for equation in function.equations:
        of = equation.location.gradient_of if equation.location is not None else None
        if of is not None:
            twins.append((equation, made[of]))
    assert {"tanh", "matmul", "add"} <= {forward.op.name for _, forward in twins}
    for backward, forward in twins:
        assert backward.location is not None and forward.location is not None
        assert (backward.location, backward.location.scope) == (forward.location, forward.location.scope)


def test_nothing_is_noted_otherwise() -> None:
    for place in places(train(Net()), "tanh"):
        assert (place.span, place.function, place.scope, place.callers) == (None, "", "", ())


def test_name_scopes_are_scopes() -> None:
    with detailed(sys._getframe()), tf.Graph().as_default(), backends.captured() as found:
        with tf.variable_scope("encoder"):
            x = tf.layers.dense(tf.ones([2, 3]), 4, activation=tf.nn.tanh, name="first")
        loss = tf.reduce_sum(x)
        gradients = tf.gradients(loss, tf.trainable_variables())
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            session.run(gradients)
    function = list(found)[-1].function
    (place,) = places(function, "tanh")
    assert (place.scope, place.function) == ("encoder/first", "test_name_scopes_are_scopes")
    assert place.span is not None and place.source()[place.span[1] - 12 : place.span[2] - 12].startswith("tf.layers.d")


def test_callers_end_at_the_outermost_frame() -> None:
    def made() -> Location | None:
        return user_location()

    def outer() -> Location | None:
        with detailed(sys._getframe()):
            return made()

    found = outer()
    assert found is not None and found.function.endswith("made") and found.callers == ()

"""Gradients of a program's own: tf.custom_gradient, and what graph.gradient_override_map asks for.

When tf.gradients meets an operation that has one, its function is called once, in a context: a part of the graph that a
run lowers together with the operation.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from diptych.ir import Value

from ..exports import export
from ..graphs import nest
from ..graphs.apply import apply_operation
from ..graphs.collections import GraphKeys
from ..graphs.contexts import Context
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.definitions import operation
from ..graphs.gradient_overrides import registered
from ..graphs.operation import Operation
from ..graphs.scopes import name_scope
from ..graphs.site import Site
from ..graphs.tensor import Tensor
from ..running.own_gradients import OwnGradient
from .loops import loop_variable


@operation("IdentityN", "input: *T -> *T")
def lower_identity_n(at: Site, *inputs: Value, T: Sequence[Any]) -> list[Value]:
    """The inputs."""
    return list(inputs)


@export("identity_n")
def identity_n(input: Any, name: str | None = None) -> list[Tensor]:
    """Tensors of their own with the values of a list of tensors."""
    return list(apply_operation("IdentityN", [list(input)], name=name).outputs)


def prepare(reached: Iterable[Tensor]) -> None:
    """Makes the gradients of the operations of these tensors that have one of their own, where that is not done yet;
    and of all that lie in conditions and loops, which a gradient passes as a whole."""
    operations = dict.fromkeys(tensor.op for tensor in reached)
    if any(made.context is None and made.definition.takes_tensors for made in operations):
        inner = next(iter(operations)).graph.get_operations()
        operations.update((made, None) for made in inner if made.context is not None)
    for made in operations:
        function = made.__dict__.get("gradient_function")
        if function is None and "gradient_name" in made.__dict__:
            function = registered(made.__dict__["gradient_name"], made)
            if function is None:
                function = _nothing
        if function is not None and made.own_gradient is None:
            made.own_gradient = _built(made, function)
            made.graph.mutations += 1


def _nothing(made: Operation, *cotangents: Any) -> list[None]:
    return [None] * len(made.inputs)


def _built(made: Operation, function: Callable[..., Any]) -> OwnGradient:
    context = Context(made.graph)
    with name_scope(f"{made.name}_grad"), context.entered():
        cotangents = tuple(loop_variable(output, output.shape) for output in made.outputs)
        found = function(made, *cotangents)
        listed = list(found) if isinstance(found, list | tuple) else [found]
        results = tuple(None if each is None else convert_to_tensor(each) for each in listed)
    if len(results) != len(made.inputs):
        raise ValueError(
            f"Num gradients {len(results)} generated for op {made.name} do not match num inputs {len(made.inputs)}"
        )
    outside = context.captured([each for each in results if each is not None])
    known = {*made.inputs, *made.outputs}
    made.control_inputs.extend(
        dict.fromkeys(each.op for each in outside if each not in known and each.op not in made.control_inputs)
    )
    return OwnGradient(context, cotangents, results)


@export("custom_gradient")
def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator of f(*x), which returns (y, grad): y, a nest of tensors, gets the gradient grad(*dy), which returns
    one for each x. Variables that f makes are refused, as TensorFlow refuses those that are no resources."""

    @functools.wraps(f)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            raise ValueError(
                "The custom_gradient decorator currently supports keywords arguments only when eager execution is "
                "enabled."
            )
        given = [convert_to_tensor(each) for each in args]
        graph = get_default_graph()
        before = set(graph.get_collection(GraphKeys.GLOBAL_VARIABLES))
        result, grad = f(*given)
        if set(graph.get_collection(GraphKeys.GLOBAL_VARIABLES)) - before:
            raise TypeError(
                "All variables used by a function wrapped with @custom_gradient must be `ResourceVariable`s. Ensure "
                "that no `variable_scope` is created with `use_resource=False`."
            )
        leaves = [convert_to_tensor(leaf) for leaf in nest.flatten(result)]
        made = apply_operation("IdentityN", [[*leaves, *given]])
        count = len(leaves)
        made.definition = replace(made.definition, blocks=tuple(range(count)))

        def gradient(_: Operation, *cotangents: Tensor) -> list[Any]:
            found = grad(*cotangents[:count])
            return [None] * count + (nest.flatten(found) if isinstance(found, list | tuple) else [found])

        made.__dict__["gradient_function"] = gradient
        outputs = iter(made.outputs[:count])
        return nest.pack_as(result, outputs)

    return decorated


@export("grad_pass_through")
def grad_pass_through(f: Callable[..., Any]) -> Callable[..., Any]:
    """f, with the gradient of the identity."""

    @custom_gradient
    def passing(*args: Any) -> Any:
        return f(*args), lambda *cotangents: list(cotangents)

    return passing


@export("recompute_grad")
def recompute_grad(f: Callable[..., Any]) -> Callable[..., Any]:
    """f itself: diptych decides what a gradient computes again."""
    return f

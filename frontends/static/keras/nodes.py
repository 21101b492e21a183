"""Which layer made a tensor of which others, so that models can be made of tensors and applied to new ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diptych.ir import Unsupported, user_location

from ..graphs import nest
from ..graphs.apply import apply_operation
from ..graphs.operation import Operation
from ..graphs.tensor import Tensor
from . import backend


@dataclass(eq=False, slots=True)
class Node:
    """One call of a layer."""

    layer: Any
    inputs: Any
    arguments: tuple[Any, ...]
    options: dict[str, Any]
    outputs: Any


def remember(node: Node) -> None:
    """Notes a call, for its layer and for what it gave; an output that an inner layer gave stays that one's too."""
    node.layer._inbound.append(node)
    nodes = backend.of_graph("nodes", dict)
    for leaf in nest.flatten(node.outputs):
        if isinstance(leaf, Tensor):
            nodes[leaf] = node


def node_of(tensor: Tensor) -> Node | None:
    """The call that gave a tensor; None for a tensor that no layer gave."""
    return backend.of_graph("nodes", dict).get(tensor)


def layers_between(inputs: Sequence[Tensor], outputs: Sequence[Tensor]) -> list[Any]:
    """The layers on the way, in the order that they are called. Raises ValueError where the way does not begin at the
    inputs."""
    found: list[Any] = []
    seen: set[Any] = set(inputs)

    def visit(tensor: Tensor) -> None:
        pending: list[tuple[Tensor, bool]] = [(tensor, False)]
        while pending:
            current, is_done = pending.pop()
            node = node_of(current)
            if is_done:
                if node is not None and all(node.layer is not layer for layer in found):
                    found.append(node.layer)
                continue
            if current in seen:
                continue
            seen.add(current)
            pending.append((current, True))
            pending.extend((before, False) for before in reversed(_before(current, node)))

    for tensor in inputs:
        node = node_of(tensor)
        if node is not None and all(node.layer is not layer for layer in found):
            found.append(node.layer)
    for tensor in outputs:
        visit(tensor)
    return found


def _before(tensor: Tensor, node: Node | None) -> list[Tensor]:
    if node is not None:
        if node.inputs is None:
            raise ValueError(
                f'Graph disconnected: cannot obtain value for tensor {tensor} at layer "{node.layer.name}". The '
                "following previous layers were accessed without issue: []"
            )
        return [leaf for leaf in nest.flatten(node.inputs) if isinstance(leaf, Tensor)]
    return list(tensor.op.inputs)


def applied(known: Mapping[Tensor, Tensor], outputs: Sequence[Tensor], options: dict[str, Any]) -> list[Tensor]:
    """What the way to `outputs` gives for other tensors in place of those that are `known`: layers are called again,
    operations between them made again. Raises Unsupported for conditions and loops."""
    found = dict(known)
    for tensor in outputs:
        pending = [tensor]
        while pending:
            current = pending[-1]
            if current in found:
                pending.pop()
                continue
            node = node_of(current)
            missing = [each for each in _before(current, node) if each not in found]
            if missing:
                pending.extend(missing)
                continue
            _make(current, node, found, options)
    return [found[tensor] for tensor in outputs]


def _make(tensor: Tensor, node: Node | None, found: dict[Tensor, Tensor], options: dict[str, Any]) -> None:
    if node is None:
        _again(tensor.op, found)
        return
    inputs = nest.rebuild(node.inputs, lambda leaf: found[leaf] if isinstance(leaf, Tensor) else leaf)
    made = node.layer(inputs, *node.arguments, **{**options, **node.options})
    pairs = zip(nest.flatten(node.outputs), nest.flatten(made), strict=True)
    found.update({old: new for old, new in pairs if isinstance(old, Tensor)})


def _again(operation: Operation, found: dict[Tensor, Tensor]) -> None:
    """Makes an operation again of other inputs; one whose inputs stay the same stays itself."""
    inputs = [found[each] for each in operation.inputs]
    if all(new is old for new, old in zip(inputs, operation.inputs, strict=True)):
        found.update((each, each) for each in operation.outputs)
        return
    definition = operation.definition
    if definition.takes_tensors:
        raise Unsupported(
            f"tf.keras.Model: {operation.name} between its layers is a {operation.type}, which cannot be made again",
            location=user_location(), hint="tf.keras.layers.Lambda around it",
        )  # fmt: skip
    grouped: list[Any] = []
    rest = list(inputs)
    lists = [argument for argument in definition.inputs if argument.count is not None]
    for argument in definition.inputs:
        if argument.count is None:
            grouped.append(rest.pop(0))
        else:
            count = operation.attributes.get(argument.count) if argument.count and len(lists) > 1 else None
            count = len(rest) - (len(definition.inputs) - 1 - len(grouped)) if count is None else count
            grouped.append([rest.pop(0) for _ in range(count)])
    made = apply_operation(operation.type, grouped, **operation.attributes)
    found.update(zip(operation.outputs, made.outputs, strict=True))

"""Stages of a run: what the host computes first, a program, what the host computes then."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
from diptych.ir import Unsupported

from ..graphs.errors import OutOfRangeError
from ..graphs.graph import Graph
from ..graphs.operation import Operation
from ..graphs.tensor import Tensor
from .feeds import Feed
from .host import compute, split
from .host_control import OWNERS, run_owner
from .numbers import Numbers
from .schedule import gradient_parts, needed, on_the_way, ordered
from .site import NeedsHost
from .state import State
from .together import ended

Array = np.ndarray[Any, Any]
Lock = AbstractContextManager[Any]


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the host computes first, each with the program of what it needs; the program; what the host computes then;
    whether the host computes anything. The host goes through the conditions and loops `by_host`."""

    by_host: Set[Operation]
    first: Sequence[tuple[Operation, Numbers]]
    program: Numbers
    last: Sequence[Operation]
    has_host: bool


class Stages:
    """What computes `targets`, given `inputs`.

    A condition or loop is part of a program, unless it holds something that the host computes, or a loop variable that
    changes its shape: then the host goes through it, with stages for what it runs.
    """

    def __init__(
        self,
        graph: Graph,
        targets: Sequence[Tensor | Operation],
        inputs: Sequence[Feed],
        state: State,
        lock: Lock,
    ) -> None:
        self._graph = graph
        self._targets = targets
        self._inputs = inputs
        self._state = state
        self._lock = lock
        self._inner: dict[Any, Stages] = {}
        self._parts = self._prepared(frozenset())

    @property
    def has_host(self) -> bool:
        """Whether the host computes anything."""
        return self._parts.has_host

    def _prepared(self, by_host: Set[Operation]) -> _Parts:
        """The parts of a run in which the host goes through these conditions and loops."""
        fed = {feed.tensor: None for feed in self._inputs}
        waits = needed(self._targets, fed)
        order = ordered(waits)
        first, last = split(order, waits, by_host)
        host = {*first, *last}
        if host:
            _check_gradients(order, host)
        inputs = list(self._inputs)
        given = [each for each in first if each.type != "Const" or each.control_inputs]  # others: programs', too
        outputs = [output for operation in given for output in operation.outputs if output not in fed]
        inputs += [Feed(self._graph, output, is_users=False) for output in outputs]
        late = set(last)
        targets = [target for target in self._targets if _operation(target) not in late or target in fed]
        targets += [
            tensor for operation in last for tensor in operation.inputs
            if tensor.op not in late and not _is_at_hand(operation, tensor)
        ]  # fmt: skip
        targets += [each for each in order if each not in host and host and _has_effect(each)]
        done = {*given, *last}
        program = Numbers(self._graph, list(dict.fromkeys(targets)), inputs, self._state, done=done)
        before = [
            Numbers(self._graph, _computed(operation, done, fed), inputs, self._state, done=done, commits=False)
            for operation in first
        ]
        return _Parts(by_host, list(zip(first, before, strict=True)), program, last, bool(host))

    def run_again(self, arrays: Sequence[Array]) -> list[Any] | None:
        """What `run` gives, as the backend has it, where this run is as the last one but for its numbers."""
        parts = self._parts
        if parts.has_host:
            return None
        with self._lock:
            return parts.program.run_again(arrays)

    def run(self, arrays: Sequence[Array]) -> list[Any]:
        """The tensors among the targets, in order, where no host is needed."""
        parts = self._parts
        if not parts.has_host:
            try:
                with self._lock:
                    return parts.program.run(arrays)
            except NeedsHost as owner:
                self._give_to_host(owner.operation, parts)
        values = self.values(dict(zip((feed.tensor for feed in self._inputs), arrays, strict=True)))
        return [values[target] for target in self._targets if isinstance(target, Tensor)]

    def values(self, given: Mapping[Tensor, Any]) -> dict[Tensor, Any]:
        """What is given, and all that was computed on the way to the targets."""
        while True:
            parts, values = self._parts, dict(given)
            try:
                self._compute(parts, values)
            except NeedsHost as owner:
                self._give_to_host(owner.operation, parts)
            else:
                return values

    def _give_to_host(self, owner: Operation, tried: _Parts) -> None:
        """Lets the host go through what the parts that were tried had in a program; other threads may have, too."""
        if owner in tried.by_host:
            raise Unsupported(f"{owner.name}: what it needs is not known", location=owner.location)
        with self._lock:
            if owner not in self._parts.by_host:
                self._parts = self._prepared({*self._parts.by_host, owner})

    def _compute(self, parts: _Parts, values: dict[Tensor, Any]) -> None:
        for operation, numbers in parts.first:
            with self._lock:
                values.update(numbers.values(values))
            try:
                self._by_the_host(operation, values)
            except OutOfRangeError as error:
                if parts.program.is_empty:
                    raise
                raise ended(error) from error
        with self._lock:
            values.update(parts.program.values(values))
        for operation in parts.last:
            self._by_the_host(operation, values)

    def _by_the_host(self, operation: Operation, values: dict[Tensor, Any]) -> None:
        if operation.type not in OWNERS:
            compute(operation, values, self._state, self._stages_of)
        elif operation.outputs[0] not in values:
            run_owner(operation, values, self._stages_of)

    def _stages_of(self, targets: tuple[Tensor, ...], inputs: tuple[Tensor, ...]) -> Stages:
        """The stages that compute tensors inside of a context."""
        found = self._inner.get((targets, inputs))
        if found is None:
            feeds = [Feed(self._graph, tensor, is_users=False) for tensor in inputs]
            found = self._inner[targets, inputs] = Stages(self._graph, targets, feeds, self._state, self._lock)
        return found


def _operation(target: Tensor | Operation) -> Operation:
    return target.op if isinstance(target, Tensor) else target


def _computed(operation: Operation, host: Container[Operation], fed: Container[Tensor]) -> list[Tensor | Operation]:
    """What a host operation needs of programs: tensors, and operations that it waits for."""
    tensors = [
        tensor
        for tensor in operation.inputs
        if tensor.op not in host and tensor not in fed and not _is_at_hand(operation, tensor)
    ]
    return [*tensors, *(each for each in operation.control_inputs if each not in host)]


def _has_effect(operation: Operation) -> bool:
    """Whether an operation does more than compute: what runs before the host leaves that to the program."""
    return operation.writes or not operation.outputs or operation.type in ("Print", "CheckNumerics")


def _is_at_hand(operation: Operation, tensor: Tensor) -> bool:
    """Whether a host operation takes its input from the graph itself."""
    return tensor.op.type == "Const" and not tensor.op.control_inputs and operation.type not in OWNERS


def _check_gradients(order: Sequence[Operation], host: Container[Operation]) -> None:
    """Raises Unsupported where a gradient would flow through a condition or loop that the host goes through."""
    for operation in order:
        if operation.type == "Gradients":
            ys, xs, stops = gradient_parts(operation)
            for passed in on_the_way(ys, xs, stops):
                if passed in host and passed.type in OWNERS:
                    raise Unsupported(
                        f"{operation.name}: a gradient through {passed.name} ({passed.type}), which changes shapes in "
                        "its rounds or needs the host, is not supported",
                        location=operation.location,
                        hint="loop variables that keep their shape, and no strings or Python functions in the loop",
                    )

"""Steps of optimizers within a captured function: which tensors they change, and which numbers come in."""

from __future__ import annotations

from collections.abc import Sequence
from operator import is_
from typing import Any

import numpy as np

from ..optim import optimizer as optimizers
from ..optim.updating import Updates, UpdatingOptimizer
from ..tensors.tensor import Tensor
from .conditions import Conditions

Batch = tuple[Any, list[float], list[tuple[Tensor, ...]]]  # as `Updates.batches` has them


def is_known(function: Any, arguments: tuple[Any, ...], options: dict[str, Any]) -> bool:
    """Whether a call of `function` is a step of an optimizer whose numbers and rows can be told beforehand."""
    if function is not UpdatingOptimizer.step or len(arguments) != 1 or options:
        return False
    return type(arguments[0]).__module__.startswith("diptych.")


_SIMPLE = (bool, int, float, type(None))


class Stepped:
    """A step of an optimizer, as it was when the program was made.

    `places`: of its numbers, the parameters of the program that they come in as, None of those that stay the same.
    Where all do and steps depend on nothing else that changes, the optimizer's Python is left out.
    """

    def __init__(self, optimizer: UpdatingOptimizer, batches: Sequence[Batch], places: Sequence[int | None]) -> None:
        self.optimizer = optimizer
        self._batches = list(batches)
        self._numbers = [number for _, numbers, _ in batches for number in numbers]
        self._places = list(places)
        others = [value for group in optimizer.param_groups for name, value in group.items() if name != "params"]
        is_constant = optimizer.is_constant and all(type(value) in _SIMPLE for value in others)
        self.counts = not is_constant or any(place is not None for place in places)
        self._groups = [
            (group, tuple(group.values()), group["params"], tuple(group["params"])) for group in optimizer.param_groups
        ]
        self._states = [(state, tuple(state.values())) for state in optimizer.state.values()]
        self._before: list[tuple[dict[str, Any], dict[str, Any]]] = []

    def conditions(self, asked: Conditions) -> None:
        """Adds that it would do as it did then, but for its numbers."""
        optimizer = self.optimizer
        asked.require(
            "not ({hooks}() or {optimizer}._optimizer_step_pre_hooks or {optimizer}._optimizer_step_post_hooks)",
            hooks=optimizers.has_hooks, optimizer=optimizer,
        )  # fmt: skip
        asked.do("groups = {optimizer}.param_groups", optimizer=optimizer)
        asked.require(f"len(groups) == {len(self._groups)}")
        for number, (group, values, parameters, members) in enumerate(self._groups):
            asked.require(f"groups[{number}] is {{group}}", group=group)
            asked.require(
                f"{{group}}['params'] is {{parameters}} and len({{parameters}}) == {len(members)}"
                " and all(map({same}, {parameters}, {members}))",
                group=group, parameters=parameters, members=members, same=is_,
            )  # fmt: skip
            if not self.counts:
                asked.require(
                    f"len({{group}}) == {len(values)} and all(map({{same}}, {{group}}.values(), {{values}}))",
                    group=group, values=values, same=is_,
                )  # fmt: skip
        if self._states:
            asked.require("{hold}()", hold=self._states_hold)
        else:
            asked.require("not {optimizer}.state", optimizer=optimizer)

    def _states_hold(self) -> bool:
        states = self.optimizer.state
        if len(states) != len(self._states):
            return False
        for mine, (state, values) in zip(states.values(), self._states, strict=True):
            if mine is not state or len(state) != len(values):
                return False
            if not self.counts and not all(map(is_, state.values(), values)):
                return False
        return True

    def take_numbers(self, arrays: list[Any]) -> bool:
        """Counts a step, and puts its numbers where they belong; whether it is otherwise the step that it was."""
        optimizer = self.optimizer
        self._before = [(state, state.copy()) for state, _ in self._states]
        batches: list[Batch] = []
        for group in optimizer.param_groups:
            updates = Updates()
            found = [each for each in group["params"] if each._meta is not None and each._meta.grad is not None]
            optimizer._update_all(found, group, updates)
            batches.extend(updates.batches())
        if len(batches) != len(self._batches):
            return False
        for (kind, numbers, rows), (known, as_many, members) in zip(batches, self._batches, strict=True):
            if kind != known or len(numbers) != len(as_many) or len(rows) != len(members):
                return False
            if any(
                len(row) != len(like) or not all(map(is_, row, like)) for row, like in zip(rows, members, strict=True)
            ):
                return False
        numbers = [number for _, found, _ in batches for number in found]
        for number, known, place in zip(numbers, self._numbers, self._places, strict=True):
            if place is not None:
                arrays[place] = np.asarray(number, np.float64)
            elif number != known or repr(number) != repr(known):
                return False
        return True

    def take_back(self) -> None:
        """Undoes the counting."""
        for state, before in self._before:
            state.clear()
            state.update(before)

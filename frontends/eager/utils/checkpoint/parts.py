"""The newer way: parts that are called again for what else they do, and what they keep then."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ...random import get_rng_state
from ...tapes.calls import before_grafts
from ...tapes.hooks import Hooks
from ...tapes.lazy import Call, Kind, Storage
from ...tapes.mode import count_attention, mode
from ...tapes.saved import RESULT, kept_places
from ...tensors.tensor import Tensor
from .states import as_at_first, casting

_WRITING = ("batch_norm_training", "instance_norm")


class CheckpointError(RuntimeError):
    """What a function keeps when it is called again is not what it kept at first."""


class _Stop(Exception):
    """Ends a second call that has done all that it is for."""


class Kept:
    """Watches what is kept while a function runs: the types of it, in order. With `first`, what a first run kept, and
    `stops` the run ends with the last of that."""

    def __init__(self, first: list[Kind] | None = None, *, stops: bool = False) -> None:
        self.kinds: list[Kind] = []
        self.first = first
        self.stops = stops
        self.is_over = False  # whether nothing is to come that a gradient needs

    def noted(self, call: Call) -> None:
        """Sees what a call keeps. Raises CheckpointError where it is more than at first."""
        if self.is_over:
            raise _Stop
        for place in kept_places(call):
            self.kinds.append(call.template.kinds[0] if place == RESULT else call.inputs[place].kind)
            if self.first is not None and len(self.kinds) > len(self.first):
                raise CheckpointError(
                    "torch.utils.checkpoint: trying to save more tensors during recomputation than during the original "
                    "forward pass."
                )
        if self.stops and self.first is not None and len(self.kinds) == len(self.first):
            self.is_over = True
            if not _writes_behind(call):
                raise _Stop

    def made(self, call: Call, storage: Storage) -> None:
        """Sees a result."""

    def __enter__(self) -> Kept:
        mode.watchers.append(self)
        count_attention(1)
        return self

    def __exit__(self, *error: object) -> None:
        mode.watchers.pop()
        count_attention(-1)

    def check(self) -> None:
        """Raises CheckpointError where less was kept than at first, or of other types."""
        assert self.first is not None
        if len(self.kinds) != len(self.first):
            raise CheckpointError(
                "torch.utils.checkpoint: A different number of tensors was saved during the original forward and "
                f"recomputation.\nNumber of tensors saved during forward: {len(self.first)}\nNumber of tensors saved "
                f"during recomputation: {len(self.kinds)}."
            )
        different = [
            f"tensor at position {place}:\nsaved metadata: {_described(before)}\nrecomputed metadata: "
            f"{_described(now)}\n"
            for place, (before, now) in enumerate(zip(self.first, self.kinds, strict=True))
            if before is not now
        ]
        if different:
            raise CheckpointError(
                "torch.utils.checkpoint: Recomputed values for the following tensors have different metadata than "
                f"during the forward pass.\n{''.join(different)}."
            )


def _writes_behind(call: Call) -> bool:
    """Whether a call is of a function that writes running statistics behind it, which PyTorch does before."""
    template = call.template
    return not template.is_gradient and template.operation.name.strip("_") in _WRITING


def _described(kind: Kind) -> str:
    return f"{{'shape': torch.Size({list(kind.shape)}), 'dtype': {kind.dtype!r}, 'device': {kind.device!r}}}"


class Part:
    """A call that is made again when a backward reaches what came of it."""

    def __init__(self, function: Callable[[], Any], context: Any, preserve: bool, early_stop: bool, is_checked: bool):
        self.function = function
        self.context = context
        self.random = get_rng_state() if preserve else None
        self.casting = casting()
        self.early_stop = early_stop
        self.is_checked = is_checked
        self.kept: list[Kind] = []

    def __call__(self) -> None:
        again = Kept(self.kept, stops=self.early_stop)
        with as_at_first(self.random, self.casting), self.context, again, suppress(_Stop):
            self.function()
        if self.is_checked:
            again.check()


def tell_when_reached(output: Any, part: Part) -> None:
    if isinstance(output, Tensor) and not output.is_sparse and not output.is_leaf:
        lazy = before_grafts(output._read()[0])
        if lazy.hooks is None:
            lazy.hooks = Hooks()
        lazy.hooks.reached = part

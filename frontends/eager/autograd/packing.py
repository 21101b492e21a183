"""Calls of which hooks say what is kept for their gradients: these are taken from a second call, of what hooks give
back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..tapes.gradient_names import plain_name
from ..tapes.lazy import UNTRACKED, Call, Lazy, Storage
from ..tapes.mode import enable_grad, is_grad_enabled, mode
from ..tapes.recording import call as record_call
from ..tapes.saved import RESULT, kept_places
from ..tensors.tensor import Tensor

Pack = Callable[[Tensor], Any]
Unpack = Callable[[Any], Tensor]


def packed(pack: Pack, tensor: Tensor) -> Any:
    """What a hook keeps of a tensor. Raises RuntimeError where it writes into it."""
    before = tensor._version
    found = pack(tensor)
    if tensor._version != before:
        raise RuntimeError(
            "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook cannot "
            "be modified by in-place operations as this can lead to unexpected side-effects. Please open an issue if "
            "you need to perform in-place operations on the input to a pack hook."
        )
    return found


def unpacked(unpack: Unpack, kept: Any) -> Tensor:
    """The tensor that a hook makes of what was kept. Raises TypeError for what is none."""
    found = unpack(kept)
    if not isinstance(found, Tensor):
        raise TypeError(
            f"Output of saved tensor unpack_hook expected to be a Tensor but got result of type {type(found).__name__}"
        )
    return found


class Packing:
    """Watches calls, and keeps of them what a hook says."""

    def __init__(self, pack: Pack, unpack: Unpack) -> None:
        self.pack, self.unpack = pack, unpack

    def noted(self, call: Call) -> None:
        """Takes over the gradient of a call that keeps anything."""
        if kept_places(call):
            call.python = PackedBackward(call, self.unpack)
            call.may_be_written_over = True

    def made(self, call: Call, storage: Storage) -> None:
        """Packs what a call keeps, when its first result is there."""
        backward: Any = call.python
        if isinstance(backward, PackedBackward) and backward.kept is None:
            backward.kept = {}
            watchers, mode.watchers = mode.watchers, []
            try:
                for place in kept_places(call):
                    tensor = Tensor._of(storage) if place == RESULT else backward.tensor(place)
                    backward.kept[place] = packed(self.pack, tensor)
            finally:
                mode.watchers = watchers


class PackedBackward:
    """The backward of a call of which a hook said what is kept."""

    first = 0  # the place of the first input of the call that gradients are given for

    def __init__(self, call: Call, unpack: Unpack | None = None) -> None:
        self.call = call
        self.unpack = unpack
        self.kept: dict[int, Any] | None = None
        self.inputs: Sequence[Lazy] = call.inputs
        self.edges, self.leaves = call.edges, call.leaves

    @property
    def name(self) -> str:
        """As the call's gradient is called without hooks."""
        return plain_name(self.call)

    def tensor(self, place: int) -> Tensor:
        """An input of the call as a tensor, the user's own where it is a leaf."""
        leaf = self.leaves[place]
        return Tensor._of(Storage(self.inputs[place], self.edges[place])) if leaf is None else leaf

    def gradients(self, given: Sequence[Tensor | None]) -> list[Tensor | None]:
        """What flows to each input, from what flows to the results."""
        from .gradients import grad

        is_noted = is_grad_enabled()
        back: dict[int, Tensor] = {}
        if self.unpack is not None and self.kept is not None:
            back = {place: unpacked(self.unpack, each) for place, each in self.kept.items()}
        own = [
            self._own(back.get(place) if place in back else self.tensor(place), edge != UNTRACKED, is_noted)
            for place, edge in enumerate(self.edges)
        ]
        watchers, mode.watchers = mode.watchers, []
        try:
            with enable_grad():
                found = self._called(own)
            pairs = [(each, gradient) for each, gradient in zip(found, given, strict=True) if gradient is not None]
            wanted = [place for place, edge in enumerate(self.edges) if edge != UNTRACKED]
            results = grad(
                [each for each, _ in pairs], [own[place] for place in wanted], [gradient for _, gradient in pairs],
                create_graph=is_noted, allow_unused=True,
            )  # fmt: skip
        finally:
            mode.watchers = watchers
        made: list[Tensor | None] = [None] * len(own)
        for place, gradient in zip(wanted, results, strict=True):
            made[place] = gradient
        return made

    def _own(self, tensor: Any, is_wanted: bool, is_noted: bool) -> Tensor:
        """An input of the second call: with its history where gradients are noted."""
        if not is_wanted:
            return tensor.detach()
        if is_noted and tensor.requires_grad:
            return tensor.view_as(tensor)
        return tensor.detach().requires_grad_()

    def _called(self, own: Sequence[Tensor]) -> Sequence[Tensor]:
        template: Any = self.call.template
        tensors, numbers = iter(own), iter(self.call.scalars)
        operands = tuple(next(tensors) if kind is None else next(numbers) for kind in template.numbers)
        found = record_call(template.operation, operands, template.attributes)
        return [found] if template.is_single else found

    def release(self) -> None:
        """Lets go of what was kept."""
        self.kept = None

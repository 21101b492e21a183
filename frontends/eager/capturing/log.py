"""What a function does to tensors, noted while it runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from threading import get_ident
from typing import Any

import numpy as np
from diptych.ir import DiptychError, user_location

from ..func import trees
from ..tapes.lazy import LEAF, UNTRACKED, Call, Lazy, Storage
from ..tapes.syncs import SHARED
from ..tapes.tape import tape
from ..tapes.traces import ALONE
from ..tensors.reading import is_read_later, live
from ..tensors.tensor import Tensor
from .events import (
    Acts,
    Argument,
    Calls,
    Detached,
    Draws,
    Event,
    Given,
    GradientOf,
    Held,
    Made,
    Parts,
    Reads,
    Source,
    Writes,
)  # fmt: skip
from .profiling import profiling


class GraphBreak(DiptychError, RuntimeError):
    """What stands in the way of one graph, where `fullgraph` asks for one."""


class Log:
    """Events in order, and the slots of values. `refusal` says why they cannot be done again, if so.

    `early` are reads that come before anything changes what is outside: they can be tried first.
    """

    def __init__(self, arguments: Sequence[Tensor], *, is_whole: bool) -> None:
        self.events: list[Event] = []
        self.early: list[Reads] = []
        self.constants: list[tuple[int, Lazy]] = []
        self.count = 0  # slots
        self.refusal: str | None = None
        self._is_whole = is_whole
        self._thread = get_ident()
        self._depth = 0
        self._is_early = True
        self._slots: dict[Lazy, int] = {}
        self._own: dict[int, Storage] = {}  # storages that the function makes, by identity
        self._numbers: dict[int, int] = {}  # of such storages, and of tensors
        self._kept: list[Any] = []  # so that identities stay
        self._sources: dict[int, Source] = {id(tensor): Argument(n) for n, tensor in enumerate(arguments)}
        self._outside: dict[int, Source] = {id(tensor._storage): Argument(n) for n, tensor in enumerate(arguments)}
        self._leaves: dict[int, Source] = {}  # tensors that collect gradients, by identity
        self._owners: list[Tensor] = []
        self._streams: dict[int, Any] = {}  # generators, with the counter last seen
        self._hidden: list[tuple[Storage, np.ndarray]] = []

    # -- memory that numpy sees, which arguments show: while it is only read, they are as other tensors ----

    def hide_memory(self, arguments: Sequence[Tensor]) -> None:
        """Has arguments be as if nobody else saw their memory."""
        for tensor in arguments:
            storage, array = tensor._storage, tensor._storage.pinned
            if array is not None and storage.edge == UNTRACKED and array.flags.carray:
                self._hidden.append((storage, array))
                storage.lazy, storage.pinned = live(array.copy() if is_read_later() else array, storage), None

    def show_memory(self) -> None:
        """Ends that, before memory may change: what waits is computed of what is there."""
        hidden, self._hidden = self._hidden, []
        if hidden:
            self._forget_own()
            log, tape.log = tape.log, None
            tape.flush(cause=SHARED)
            tape.log = log
        for storage, array in hidden:
            storage.pinned = array

    def _forget_own(self) -> None:
        """Lets go of storages that no tensor shows any more: what they show need not be kept."""
        for key in list(self._own):
            storage = self._own[key]
            if sys.getrefcount(storage) <= ALONE + 1:
                del self._own[key]

    # -- what is told ----

    def refuse(self, reason: str) -> None:
        """Notes that something cannot be done again. Raises GraphBreak where everything must be."""
        if self._is_silent():
            return
        self.refusal = reason
        self.show_memory()
        if self._is_whole:
            raise self.broken(reason)

    def broken(self, reason: str) -> GraphBreak:
        """The error, at the user's line."""
        return GraphBreak(f"torch.compile(fullgraph=True): {reason}", location=user_location())

    def made(self, storage: Storage) -> None:
        """A storage is new."""
        if not self._is_silent():
            self._own[id(storage)] = storage

    def called(self, call: Call, results: Sequence[Lazy], operands: Sequence[Any] = ()) -> None:
        """A call was recorded; `operands` are what it read, if known."""
        if self._is_silent():
            return
        read = [operand for operand in operands if isinstance(operand, Tensor)]
        for lazy, tensor in zip(call.inputs, read, strict=False):
            self._slot(lazy, tensor)
        inputs = [self._slots.get(lazy) for lazy in call.inputs]
        if None in inputs:
            return self.refuse("a view of a tensor from outside is read again after a write")
        leaves = tuple(None if leaf is None else self._leaf(leaf) for leaf in call.leaves)
        first = self.count
        for lazy in results:
            self._new(lazy)
        self._kept.append(call)
        places = tuple(each for each in inputs if each is not None)
        self.events.append(Calls(call.prefix, places, call.scalars, leaves, first))

    def wrote(self, x: Tensor, lazy: Lazy, edge: int) -> None:
        """The storage of x shows another value."""
        storage = x._storage
        if self._is_silent() or id(storage) in self._own:
            return
        slot = self._slots.get(lazy)
        if edge != UNTRACKED or storage.edge != UNTRACKED or storage.pinned is not None or slot is None:
            return self.refuse("a tensor from outside is written in a way that cannot be noted")
        self._is_early = False
        alias = None if x._meta is None else x._meta.alias
        is_data = alias is not None and alias.data is not None
        self.events.append(Writes(self._storage_source(x), slot, is_data=is_data))

    def parted(self, *, begins: bool) -> None:
        """A part begins or ends that is computed again in the backward."""
        if not self._is_silent():
            self.events.append(Parts(begins=begins))

    def drew(self, generator: Any, counts: int, key: Lazy, counter: Lazy) -> None:
        """Random numbers were drawn."""
        if self._is_silent():
            return
        if self._streams.get(id(generator)) is counter:
            self.events.append(Draws(generator, counts, None))
            return
        self._streams[id(generator)] = counter
        self._kept.append((generator, counter))
        slots = (self._slots[key] if key in self._slots else self._new(key)), self._new(counter)
        self.events.append(Draws(generator, counts, slots))

    def begins_to_draw(self, generator: Any) -> bool:
        """Whether a stream is drawn from for the first time."""
        return not self._is_silent() and id(generator) not in self._streams

    def act(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Calls a function that is to be called again as it is."""
        if self._is_silent():
            return function(*arguments, **options)
        recipes = self._recipes(arguments), self._recipes(options)
        self._depth += 1
        try:
            with profiling(None):
                result = function(*arguments, **options)
        finally:
            self._depth -= 1
        self._is_early = False
        slots: list[int | None] = []
        for each in trees.leaves(result):
            slots.append(None)
            if isinstance(each, Tensor):
                self._kept.append(each)
                self._own[id(each._storage)] = each._storage
                slots[-1] = self._new(each._read()[0])
        self.events.append(Acts(function, *recipes, tuple(slots)))
        for owner in self._owners:
            gradient = owner.grad
            if gradient is not None:
                self._kept.append(gradient)
                source = GradientOf(self._leaves[id(owner)])
                self._sources[id(gradient)] = self._outside[id(gradient._storage)] = source
        return result

    @property
    def is_acting(self) -> bool:
        """Whether something runs that is noted as one."""
        return self._is_silent()

    # -- what comes of it ----

    def results(self, tree: Any) -> Any:
        """What the function returned, with recipes for its tensors."""
        for leaf in trees.leaves(tree):
            if not isinstance(leaf, (Tensor, bool, int, float, complex, str, bytes, type(None))):
                self.refuse(f"it returns a {type(leaf).__name__}")
        return self._recipes(tree)

    # -- slots and sources ----

    def _is_silent(self) -> bool:
        return self._depth > 0 or self.refusal is not None or self._thread != get_ident()

    def _new(self, lazy: Lazy) -> int:
        slot = self._slots[lazy] = self.count
        self.count += 1
        return slot

    def _slot(self, lazy: Lazy, tensor: Tensor) -> int:
        """The slot of what a tensor shows."""
        slot = self._slots.get(lazy)
        if slot is not None:
            return slot
        slot = self._new(lazy)
        if id(tensor._storage) in self._own:
            self.constants.append((slot, lazy))
            if lazy.array is None:
                self.refuse("a tensor is made in a way that cannot be noted")
            return slot
        meta = tensor._meta
        edge = LEAF if meta is not None and meta.requires_grad else tensor._read()[1]
        event = Reads(slot, self._source(tensor), lazy.kind, edge)
        (self.early if self._is_early else self.events).append(event)
        return slot

    def _source(self, tensor: Tensor) -> Source:
        """Where a tensor that was there before is found again."""
        self._kept.append(tensor)
        found = self._sources.get(id(tensor))
        if found is None:
            outside = self._outside.get(id(tensor._storage))
            if isinstance(outside, (Argument, GradientOf)):
                meta = tensor._meta
                plain = tensor._view is None and meta is not None and meta.alias is not None and meta.alias.lazy is None
                if not plain:
                    self.refuse("another view of an argument is read")
                found = Detached(outside)
            else:
                found = Held(tensor)
                self._outside.setdefault(id(tensor._storage), found)
            self._sources[id(tensor)] = found
        return found

    def _storage_source(self, tensor: Tensor) -> Source:
        return self._outside.get(id(tensor._storage)) or self._source(tensor)

    def _leaf(self, tensor: Tensor) -> Source:
        source = self._leaves.get(id(tensor))
        if source is None:
            source = self._leaves[id(tensor)] = self._source(tensor)
            self._owners.append(tensor)
            self._kept.append(tensor)
        return source

    # -- recipes ----

    def _recipes(self, tree: Any) -> Any:
        return trees.mapped(lambda leaf: Given(self._recipe(leaf)) if isinstance(leaf, Tensor) else leaf, tree)

    def _recipe(self, tensor: Tensor) -> Source:
        known = self._sources.get(id(tensor))
        if known is not None:
            return known
        storage, view, meta = tensor._storage, tensor._view, tensor._meta
        is_own = id(storage) in self._own
        if not is_own and (view is None or self._slots.get(view.lazy) is None):
            return self._source(tensor)
        alias = None if meta is None else meta.alias
        if meta is not None and (meta.requires_grad or meta.leaf or meta.hooks or alias is None or alias.lazy):
            self.refuse("a tensor with a history of its own is handed on")
        shown = None
        if view is not None:
            shown = view.steps, self._slot(tensor._lazy(), tensor)
        base = self._slot(storage.lazy, Tensor._of(storage)) if is_own else -1
        self._kept.append(tensor)
        numbers = self._numbers
        number = numbers.setdefault(id(tensor), len(numbers))
        where = numbers.setdefault(id(storage), len(numbers)) if is_own else self._outside[id(storage)]
        return Made(number, where, base, storage.edge, shown, is_detached=meta is not None)

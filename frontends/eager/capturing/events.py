"""What a captured function does to tensors, step by step, as it can be done again with other values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ..func import trees
from ..tapes.lazy import LEAF, Alias, Kind, Lazy, Storage
from ..tapes.prefixes import Prefix
from ..tapes.tape import tape
from ..tensors.reading import read, read_shared
from ..tensors.tensor import Meta, Step, Tensor, View
from ..tensors.views import show, showing, write


class Run:
    """One time that the events are done: the values by slot, the arguments, and the tensors made so far."""

    __slots__ = ("arguments", "slots", "storages", "tensors")

    def __init__(self, arguments: Sequence[Tensor], slots: list[Any]) -> None:
        self.arguments = arguments
        self.slots = slots
        self.storages: dict[int, Storage] = {}
        self.tensors: dict[int, Tensor] = {}


# -- tensors: where one comes from ----


class Source(Protocol):
    """Where a tensor is found when the events are done again."""

    def of(self, run: Run) -> Tensor:
        """The tensor."""
        ...


class Argument:
    """A tensor that the function is called with."""

    def __init__(self, place: int) -> None:
        self.place = place

    def of(self, run: Run) -> Tensor:
        return run.arguments[self.place]


class Held:
    """A tensor that was there before: a parameter, a buffer, a global."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor

    def of(self, run: Run) -> Tensor:
        return self.tensor


class GradientOf:
    """What a leaf has collected."""

    def __init__(self, leaf: Source) -> None:
        self.leaf = leaf

    def of(self, run: Run) -> Tensor:
        gradient = self.leaf.of(run).grad
        assert gradient is not None
        return gradient


class Detached:
    """A tensor that shows the whole of another's storage, without a history."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def of(self, run: Run) -> Tensor:
        return Tensor._of(self.source.of(run)._storage, None, Meta(alias=Alias()))


class Made:
    """A tensor that the function makes: its storage's number, the slots of what that and itself show, how gradients
    flow back, the steps of a view, and whether it is cut off from its history."""

    def __init__(
        self, number: int, storage: int | Source, base: int, edge: int, view: tuple[tuple[Step, ...], int] | None,
        *, is_detached: bool,
    ) -> None:  # fmt: skip
        self.number = number
        self.storage = storage
        self.base = base
        self.edge = edge
        self.view = view
        self.is_detached = is_detached

    def of(self, run: Run) -> Tensor:
        made = run.tensors.get(self.number)
        if made is None:
            storage = self._storage(run)
            view = None if self.view is None else View(self.view[0], run.slots[self.view[1]], storage.writes)
            made = Tensor._of(storage, view, Meta(alias=Alias()) if self.is_detached else None)
            run.tensors[self.number] = made
        return made

    def _storage(self, run: Run) -> Storage:
        if not isinstance(self.storage, int):
            return self.storage.of(run)._storage
        found = run.storages.get(self.storage)
        if found is None:
            found = run.storages[self.storage] = Storage(run.slots[self.base], self.edge, None, tape.serial)
            tape.storages.append(found)
        found.lazy, found.edge = run.slots[self.base], self.edge
        return found


# -- events ----


class Event(Protocol):
    """One thing that is done."""

    def happen(self, run: Run) -> None:
        """Does it."""
        ...


class Reads:
    """A tensor from outside is read."""

    def __init__(self, slot: int, source: Source, kind: Kind, edge: int) -> None:
        self.slot, self.source, self.kind, self.edge = slot, source, kind, edge

    def fits(self, run: Run) -> bool:
        """Reads it; whether it is of the same type, with gradients flowing as before."""
        tensor = self.source.of(run)
        storage, meta = tensor._storage, tensor._meta
        if tensor._view is storage.pinned and (meta is None or meta.requires_grad):
            lazy, edge = storage.lazy, storage.edge if meta is None else LEAF
        else:
            lazy, edge = read(tensor) if storage.pinned is None else read_shared(tensor)
        run.slots[self.slot] = lazy
        return lazy.kind is self.kind and edge == self.edge

    def happen(self, run: Run) -> None:
        self.fits(run)


class Calls:
    """An operation is called on values, at `inputs`; its results go to the slots from `first` on.

    `known` is what followed last time: where the tape stood, the positions of the inputs, and the prefix then.
    """

    def __init__(
        self, prefix: Prefix, inputs: tuple[int, ...], scalars: tuple[Any, ...], leaves: tuple[Source | None, ...],
        first: int,
    ) -> None:  # fmt: skip
        self.prefix, self.inputs, self.scalars, self.first = prefix, inputs, scalars, first
        self.leaves = leaves if any(leaf is not None for leaf in leaves) else None
        self.known: tuple[Prefix, list[int], Prefix] | None = None

    def happen(self, run: Run) -> None:
        slots = run.slots
        inputs = [slots[place] for place in self.inputs]
        serial = tape.serial
        for lazy in inputs:
            if lazy.serial != serial:
                tape.enter(lazy)
        positions = [lazy.position for lazy in inputs]
        leaves: Any = self.prefix.leaves
        if self.leaves is not None:
            leaves = tuple([None if leaf is None else leaf.of(run) for leaf in self.leaves])
            positions.extend([tape.owner(leaf) for leaf in leaves if leaf is not None])
        known, at = self.known, tape.at
        if known is not None and known[0] is at and known[1] == positions:
            made = tape.put(known[2], tuple(inputs), self.scalars, leaves)
        else:
            made = tape.repeat(self.prefix, tuple(inputs), self.scalars, leaves)
            self.known = at, positions, made.prefix
        kinds = made.prefix.kinds
        if len(kinds) == 1:
            slots[self.first] = Lazy(kinds[0], None, made, 0, serial, made.prefix.start)
        else:
            slots[self.first : self.first + len(kinds)] = tape.results(made)


class Parts:
    """A part of the model that is computed again in the backward begins or ends."""

    def __init__(self, *, begins: bool) -> None:
        self.begins = begins

    def happen(self, run: Run) -> None:
        tape.begin_part() if self.begins else tape.end_part()


class Draws:
    """Random numbers are drawn: so many counts of a stream, from the counter at a slot or, with none, further on."""

    def __init__(self, generator: Any, counts: int, slots: tuple[int, int] | None) -> None:
        self.generator, self.counts, self.slots = generator, counts, slots

    def happen(self, run: Run) -> None:
        if self.slots is not None:
            self.generator._restart()
        key, counter, _ = self.generator.take(self.counts)
        if self.slots is not None:
            run.slots[self.slots[0]], run.slots[self.slots[1]] = key._storage.lazy, counter._storage.lazy


class Writes:
    """A storage from outside shows another value. `is_data`: written through `.data`, which no version counts."""

    def __init__(self, source: Source, slot: int, *, is_data: bool) -> None:
        self.source, self.slot, self.is_data = source, slot, is_data

    def happen(self, run: Run) -> None:
        whole = Tensor._of(self.source.of(run)._storage)
        if self.is_data:
            write(whole.data, showing(run.slots[self.slot]))
        elif not show(whole, run.slots[self.slot]):
            write(whole, showing(run.slots[self.slot]))


class Acts:
    """Something of the package is done that has a state of its own: a backward, an optimizer's step."""

    def __init__(
        self, function: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any],
        results: tuple[int | None, ...],
    ) -> None:  # fmt: skip
        self.function, self.arguments, self.options, self.results = function, arguments, options, results

    def happen(self, run: Run) -> None:
        made = self.function(*given(self.arguments, run), **given(self.options, run))
        if made is None:
            return
        for slot, tensor in zip(self.results, trees.leaves(made), strict=True):
            if slot is not None:
                run.slots[slot] = tensor._read()[0]


class Given:
    """Stands for a tensor among arguments or results."""

    def __init__(self, source: Source) -> None:
        self.source = source


def given(tree: Any, run: Run) -> Any:
    """The tree with tensors in the places of what stands for them."""
    if tree.__class__ is Given:
        return tree.source.of(run)
    if tree.__class__ is tuple:
        return tuple([given(each, run) for each in tree])
    if isinstance(tree, dict | list | tuple) and tree:
        return trees.mapped(lambda leaf: given(leaf, run), tree)
    return tree

"""A function's calls on the elements of a batch, noted on a tape of their own while it runs, and never run there.

The function is called once, with tensors that stand for one element each and have no values. What it computes from them
becomes one call on the tape around: that of a `BatchTemplate`, which computes all elements at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import get_ident
from typing import Any, NamedTuple

import numpy as np
from diptych.ir import TensorType

from ..tapes.batches import Levels, whole
from ..tapes.lazy import LEAF, PASSING, TRACKED, UNTRACKED, Lazy, Storage, kind_of
from ..tapes.mode import enable_grad
from ..tapes.recording import call, copy
from ..tapes.tape import tape
from ..tensors.inplace import check_writable
from ..tensors.reading import read, read_shared
from ..tensors.tensor import Meta, Tensor
from ..tensors.views import write
from .batch_template import BatchTemplate, Operand, Output

_OF_ALL_TAPES = {"lock", "traces", "flushes", "retraces", "beginning", "prefixes", "most_bytes", "most_calls"}

ITEM = (
    "vmap: It looks like you're calling .item() on a Tensor. We don't support vmap over calling .item() on a Tensor, "
    "please try to rewrite what you're doing with other operations. If error is occurring somewhere inside PyTorch "
    "internals, please file a bug report."
)
IN_PLACE = (
    "vmap: inplace arithmetic(self, *extra_args) is not possible because there exists a Tensor `other` in extra_args "
    "that has more elements than `self`. This happened due to `other` being vmapped over but `self` not being vmapped "
    "over in a vmap. Please try to use out-of-place operators instead of inplace arithmetic. If said operator is being "
    "called inside the PyTorch framework, please file a bug report instead."
)

_templates: dict[Any, BatchTemplate] = {}
MAX_TEMPLATES = 1024


class Source(NamedTuple):
    """Where a value that comes in is found outside: what is read there, how gradients flow back, the leaf that it is,
    if any, and along which axis the elements lie; None of what all of them share."""

    lazy: Lazy
    edge: int
    leaf: Tensor | None
    axis: int | None


class _Written(NamedTuple):
    """A storage from outside, or of an element, as it was before the first write, and the tensor around that the
    element is of."""

    storage: Storage
    lazy: Lazy
    edge: int
    version: int
    of: Tensor | None
    axis: int | None


def _outer_read(tensor: Tensor) -> tuple[Lazy, int]:
    return read(tensor) if tensor._storage.pinned is None else read_shared(tensor)


class Elements:
    """The elements of a batch of `size` at work. With `randomness` "different" each draws numbers of its own."""

    def __init__(self, size: int, randomness: str) -> None:
        self.size = size
        self.randomness = randomness
        self.draws = randomness == "different"
        self.thread = get_ident()
        self.above: Elements | None = None
        self.level = 1
        self.seeds: set[Lazy] = set()  # counters of random streams, from which each element draws its own numbers
        self.sources: list[Source] = []  # of the values that come in, in order
        self._held: dict[str, Any] = {}  # the state of the tape that is not at work: around, or of the elements
        self._captured: list[tuple[Lazy, list[int]]] = []  # values from around, with serial and position in the other
        self._batched: dict[Lazy, bool] = {}
        self._elements: dict[int, tuple[Tensor, int]] = {}  # by the identity of their storage
        self._written: dict[int, _Written] = {}
        self._leaves: dict[int, tuple[Tensor, Tensor]] = {}  # that collect gradients of elements, and what these are of
        self._own: dict[int, Tensor] = {}
        self._kept: list[Any] = []  # so that identities stay

    # -- between the tapes ----

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """A block in which calls are noted here."""
        with tape.lock:
            if tape.elements is not None:
                self.above, self.level = tape.elements, tape.elements.level + 1
            self._held = {name: value for name, value in vars(tape).items() if name not in _OF_ALL_TAPES}
            tape._clear()
            tape.at = tape.beginning.followed_by("elements", 0)
            tape.elements, tape.log = self, None
            try:
                yield
            finally:
                for written in self._written.values():
                    written.storage.lazy, written.storage.edge = written.lazy, written.edge
                self._swap()

    @contextmanager
    def around(self) -> Iterator[None]:
        """A block in which calls are noted outside again."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def _swap(self) -> None:
        state = vars(tape)
        other = {name: state[name] for name in self._held}
        state.update(self._held)
        self._held = other
        for lazy, place in self._captured:
            place[0], place[1], lazy.serial, lazy.position = lazy.serial, lazy.position, place[0], place[1]

    # -- what comes in ----

    def element(self, tensor: Tensor, axis: int) -> Tensor:
        """A tensor that stands for one element of another, along its axis."""
        with self.around():
            lazy, edge = _outer_read(tensor)
            edge &= PASSING
        sizes = lazy.kind.shape
        kind = kind_of(TensorType(lazy.kind.type.dtype, (*sizes[:axis], *sizes[axis + 1 :])), lazy.kind.device)
        self.sources.append(Source(lazy, edge, tensor if edge == LEAF else None, axis))
        key = kind, axis, edge != UNTRACKED
        made = Lazy(kind, None, None, 0, tape.serial, tape.at.count)
        tape.at = tape.at.following.get(key) or tape.grown(key, 1)
        tape.leaves.append(made)
        self._batched[made] = True
        found = Tensor._of(Storage(made))
        if edge != UNTRACKED:
            found._meta = Meta(requires_grad=True)
            self._leaves[id(found)] = found, tensor
            with enable_grad():
                found = call(copy, (found,))
            found._storage.serial = 0  # so that writes to it are noted
        self._elements[id(found._storage)] = tensor, axis
        self._kept.append(found._storage)
        return found

    def batch_of(self, leaf: Tensor) -> Tensor | None:
        """The tensor around to whose elements the gradients of a leaf flow; None of other leaves."""
        known = self._leaves.get(id(leaf))
        return None if known is None else known[1]

    def capture(self, lazy: Lazy) -> None:
        """Notes a value from around, which is read here for the first time."""
        self._captured.append((lazy, [lazy.serial, lazy.position]))
        self.sources.append(Source(lazy, UNTRACKED, None, None))

    def waits_around(self, lazy: Lazy) -> bool:
        """Whether a value is to be computed by a tape around."""
        return lazy.serial == self._held["serial"] or (self.above is not None and self.above.waits_around(lazy))

    def drawing(self, counter: Lazy) -> int:
        """How many times as many numbers are drawn from a stream as one call asks for."""
        many = 1 if self.above is None else self.above.drawing(counter)
        if not self.draws:
            return many
        self.seeds.add(counter)
        return many * self.size

    def own(self, tensor: Tensor) -> None:
        """Notes a tensor that is to collect its gradient here."""
        self._own[id(tensor)] = tensor

    def is_own(self, tensor: Tensor) -> bool:
        """Whether a tensor that collects its gradient began to do so here."""
        return id(tensor) in self._own

    def is_batched(self, lazy: Lazy) -> bool:
        """Whether a value differs from element to element."""
        known = self._batched
        pending = [lazy]
        while pending:
            current = pending[-1]
            made = current.call
            if current in known:
                pending.pop()
            elif current.serial != tape.serial or made is None or made.serial != tape.serial:
                known[current] = current in self.seeds
                pending.pop()
            elif any(known.get(source) for source in made.inputs):
                known[current] = True
            else:
                unknown = [source for source in made.inputs if source not in known]
                if not unknown:
                    known[current] = False
                pending.extend(unknown)
        return known[lazy]

    # -- what is asked of values that do not exist ----

    def value(self, lazy: Lazy) -> Any:
        """The array of a value that all elements share, computed now. Raises RuntimeError for others."""
        if lazy.array is None:
            if self.is_batched(lazy):
                raise RuntimeError(ITEM)
            (made,) = self.outside([Output(lazy, UNTRACKED, None)])
            with self.around():
                lazy.array = tape.value(made._lazy())
        return lazy.array

    def whole(self, x: Tensor) -> tuple[np.ndarray, Levels]:
        """The array of all elements, along a first axis, of a value that differs between them; for which batches."""
        axis = 0 if self.is_batched(x._lazy()) else None
        (made,) = self.outside([self.output(x.detach(), axis)])
        with self.around():
            array, levels = whole(made)
        return array, levels if axis is None else levels._replace(batches=(*levels.batches, self))

    def writes(self, x: Tensor, lazy: Lazy) -> None:
        """Notes that x is about to show another value. Raises RuntimeError where x is shared by all elements and the
        value is not."""
        storage = x._storage
        known = self._written.get(id(storage))
        if known is None and storage.serial == tape.serial:  # made here
            return
        of, axis = self._elements.get(id(storage), (None, None))
        if of is None and self.is_batched(lazy):
            raise RuntimeError(IN_PLACE)
        if known is None:
            if of is not None:
                check_writable(of)
            written = _Written(storage, storage.lazy, storage.edge, storage.version, of, axis)
            self._written[id(storage)] = written

    def unread(self, text: str, kind: type[Exception]) -> Exception:
        """What is raised where the value of an element would be read, which PyTorch says in this text."""
        return kind(text)

    def unwritten(self, text: str) -> Exception:
        """What is raised where an element would be written to what all elements share."""
        return RuntimeError(text)

    def applied(self, function: Any, arguments: tuple[Any, ...]) -> Any:
        """What `function.apply(*arguments)` returns, of a function that a program defines."""
        from .custom_functions import applied_to_elements

        return applied_to_elements(function, arguments)

    # -- what comes out ----

    def output(self, tensor: Tensor, axis: int | None) -> Output:
        """What a tensor shows, to come out with the elements along an axis."""
        lazy, edge = tensor._read()
        if edge & PASSING and (lazy.call is None or lazy.call.serial != tape.serial):  # as it came in
            with enable_grad():
                lazy, edge = call(copy, (tensor,))._read()
        return Output(lazy, TRACKED if edge & PASSING else UNTRACKED, axis)

    def outside(self, outputs: Sequence[Output]) -> list[Tensor]:
        """Tensors around that show values computed here, of all elements."""
        for each in outputs:
            if each.lazy.serial != tape.serial:
                tape.enter(each.lazy)
        key = (tape.at, tuple(each.described() for each in outputs), self.size, self.draws)
        template = _templates.get(key)
        if template is None:
            if len(_templates) >= MAX_TEMPLATES:
                _templates.clear()
            template = _templates[key] = BatchTemplate(self, outputs)
        scalars, owners = tuple(tape.scalars), tape.owners
        with self.around():
            inputs: list[Lazy] = []
            edges: list[int] = []
            leaves: list[Tensor | None] = []
            for operand in template.operands:
                source = self.sources[operand.number]
                inputs.append(source.lazy)
                if operand.owner is not None:
                    edges.append(LEAF)
                    leaves.append(owners[operand.owner])
                else:
                    edges.append(source.edge if source.axis is not None else operand.edge)
                    leaves.append(source.leaf)
            tracked = any(template.edges)
            made = tape.record(
                template,
                tuple(inputs),
                tuple(edges) if tracked else (),
                tuple(leaves) if tracked else (),
                scalars,
                tracked=tracked,
            )
            results: list[Tensor] = []
            for lazy, edge in zip(tape.results(made), made.prefix.flowing, strict=True):
                storage = Storage(lazy, edge, None, tape.serial)
                tape.storages.append(storage)
                results.append(Tensor._of(storage))
        return results

    def finished(self, outputs: Sequence[Output]) -> list[Tensor]:
        """As `outside`, once the function has returned: what it wrote into tensors from outside is written there."""
        changed = [each for each in self._written.values() if each.storage.lazy is not each.lazy]
        written = [Output(each.storage.lazy, each.storage.edge & TRACKED, each.axis) for each in changed]
        if not outputs and not written:
            return []
        found = self.outside([*outputs, *written])
        for each in changed:
            each.storage.lazy, each.storage.edge, each.storage.version = each.lazy, each.edge, each.version
        self._written.clear()
        with self.around():
            for each, value in zip(changed, found[len(outputs) :], strict=True):
                write(Tensor._of(each.storage) if each.of is None else each.of, value)
        return found[: len(outputs)]


__all__ = ["Elements", "Operand", "Output"]

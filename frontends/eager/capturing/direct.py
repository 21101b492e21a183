"""A captured function as one program, which runs at once on the arrays of the tensors that it reads and writes.

Where nothing waits, no gradient of what the function made can be taken any more, and nobody but the tensors themselves
refers to the values that are written, the tape has nothing to add: arrays go in, and what comes out takes their places.
Each call looks whether that is so; where it is not, the function's events are done one by one. `settling.py` finds out
what goes where.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from diptych.backends.settings import Settings, settings
from diptych.ir import DiptychError

from ..tapes.lazy import UNTRACKED, Kind, Lazy, Storage
from ..tapes.mode import mode
from ..tapes.residence import bring
from ..tapes.syncs import COMPILED, note
from ..tapes.tape import located, tape
from ..tensors.tensor import Meta, Tensor
from .conditions import Conditions
from .events import Given, Run, given
from .events import Made as MadeSource
from .histories import History, remade
from .updates import Stepped

MISFIT = object()
new = object.__new__


@dataclass(slots=True)
class Place:
    """A tensor whose storage the program reads or writes: `tensor` itself, the argument with the number `argument`, or
    the gradient that the leaf `tensor` has collected before.

    `parameter` is its place among the program's, `result` that of what it shows afterwards, -1 where there is none;
    `versions` and `writes` are how far the counters of its storage go on.
    """

    tensor: Tensor | None
    argument: int
    is_gradient: bool
    kind: Kind
    needs_gradient: bool
    parameter: int = -1
    result: int = -1
    versions: int = 0
    writes: int = 0

    @property
    def storage(self) -> Storage | None:
        """The storage, where that stays the same."""
        return None if self.tensor is None or self.is_gradient else self.tensor._storage


@dataclass(slots=True)
class Gradient:
    """What becomes of a leaf's gradient, which `was_there` before or not: a new tensor that shows the result with the
    number `result`, nothing where that is -1; where it `stays`, it is the tensor that it was."""

    leaf: Tensor
    was_there: bool
    stays: bool
    result: int
    kind: Kind


@dataclass(slots=True)
class Made:
    """A storage that the function makes and returns: which result it shows, how gradients flow back, and the history
    that can be seen behind it. `source` says which tensor shows it."""

    source: MadeSource
    result: int
    kind: Kind
    edge: int
    history: History | None


@dataclass(slots=True)
class Stream:
    """A generator that the function draws from: the parameters that its key and its counter are, and how many counts
    are drawn."""

    generator: Any
    key: int
    counter: int
    counts: int


@dataclass(slots=True)
class Room:
    """Memory for a result that is written over nothing, which comes in as a parameter: where nobody refers any more to
    what the last run made, that."""

    parameter: int
    result: int
    shape: tuple[int, ...]
    dtype: np.dtype
    array: np.ndarray | None = None


@dataclass(slots=True)
class Plan:
    """A program, and what goes where. `constants`: for each parameter an array that stays the same, or None."""

    executable: Any
    constants: list[Any]
    places: list[Place]
    gradients: list[Gradient]
    optimizers: list[Stepped]
    streams: list[Stream]
    made: list[Made]
    room: list[Room]
    result: Any
    calls: int


class Direct:
    """`run(arguments)` is what the function returns, or MISFIT, with nothing done."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._settings = settings()
        self._given = _given(plan, self._settings)
        written = [place for place in plan.places if place.result >= 0]
        self._outcomes = [(place.result, place.versions, place.writes) for place in written]
        self._run_owned = plan.executable.run_owned
        changed = [gradient for gradient in plan.gradients if not gradient.stays]
        self._gradients = [(gradient.leaf, gradient.result, gradient.kind) for gradient in changed]
        self._counting = [optimizer for optimizer in plan.optimizers if optimizer.counts]
        spec = plan.result
        self._is_single = spec.__class__ is Given and len(plan.made) == 1 and plan.made[0].source is spec.source

    def run(self, arguments: Sequence[Tensor]) -> Any:
        """As described. The tape's lock must be held. Raises DiptychError as the program does, with nothing done."""
        plan = self.plan
        if tape.calls or tape.recalled:
            if tape.is_joint():  # so that they are one program with what comes now
                return MISFIT
            tape.flush(cause=COMPILED)
        if tape.ahead.rounds:
            tape.ahead.forget()  # references to values that are written
        arrays = plan.constants.copy()
        written = self._given(arguments, arrays)
        if written is None:
            return MISFIT
        for stream in plan.streams:
            if stream.generator._is_refused():
                return MISFIT
            arrays[stream.key] = stream.generator.key.array
            arrays[stream.counter] = stream.generator._counter_now()
        return self._ran(arguments, arrays, written)

    def _ran(self, arguments: Sequence[Tensor], arrays: list[Any], written: list[Storage]) -> Any:
        """Runs the program, and puts its results in their places."""
        plan = self.plan
        shells: list[tuple[Meta, Tensor | None, int, Lazy | None]] = []
        for leaf, result, kind in self._gradients:
            meta: Any = leaf._meta
            if result < 0:
                shells.append((meta, meta.grad, result, None))
                meta.grad = None
                continue
            lazy = _value(kind)
            shells.append((meta, meta.grad, result, lazy))
            meta.grad = _showing(lazy, UNTRACKED)
        begin = perf_counter()
        is_done = False
        try:
            for optimizer in self._counting:
                if not optimizer.take_numbers(arrays):
                    return MISFIT
            if plan.room:
                _make_room(plan.room, {result: before for _, before, result, _ in shells}, arrays)
            results = self._run_owned(arrays)
            is_done = True
        except DiptychError as error:
            raise located(error) from error
        finally:
            if not is_done:
                for meta, before, _, _ in shells:
                    meta.grad = before
                for optimizer in self._counting:
                    optimizer.take_back()
        seconds = perf_counter() - begin
        for storage, (result, versions, writes) in zip(written, self._outcomes):  # noqa: B905 - of one length
            storage.lazy.array = results[result]
            storage.version += versions
            storage.writes += writes
        for _, _, result, lazy in shells:
            if lazy is not None:
                lazy.array = results[result]
        for stream in plan.streams:
            stream.generator._skip(stream.counts)
        for room in plan.room:
            room.array = _own(results[room.result])
        tape.flushes += 1
        note(COMPILED, plan.calls, seconds, False, self._settings.log)
        return self._returned(arguments, results)

    def _returned(self, arguments: Sequence[Tensor], results: Sequence[Any]) -> Any:
        run: Run | None = None
        for made in self.plan.made:
            lazy = _value(made.kind)
            lazy.array = results[made.result]
            if made.history is not None:
                lazy.call, lazy.number = remade(made.history), made.history.number
            tensor = _showing(lazy, made.edge)
            if self._is_single:
                return tensor
            if run is None:
                run = Run(arguments, [])
            if isinstance(made.source.storage, int):
                run.storages[made.source.storage] = tensor._storage
            run.tensors[made.source.number] = tensor
        return given(self.plan.result, run or Run(arguments, []))


def _given(plan: Plan, current: Settings) -> Callable[[Sequence[Tensor], list[Any]], Sequence[Storage] | None]:
    """A function of the arguments and of the program's arrays: it puts those of the places where they belong, and
    gives the storages that are written; None where anything is not as it should be, or somebody else refers to values
    that are written. Who has none can come by none, so that results may be written over them."""
    asked, is_numpy = Conditions(), current.backend == "numpy"  # whose arrays are numpy's alone
    asked.require(
        "{tape}.elements is None and not {mode}.watchers and not {mode}.dual and {settings}() is {current}",
        tape=tape, mode=mode, settings=settings, current=current,
    )  # fmt: skip
    for optimizer in plan.optimizers:
        optimizer.conditions(asked)
    for gradient in plan.gradients:
        asked.do("meta = {leaf}._meta", leaf=gradient.leaf)
        is_there = "is not" if gradient.was_there else "is"
        asked.require(f"meta is not None and meta.hooks is None and meta.grad {is_there} None")
    written = [place for place in plan.places if place.result >= 0]
    for number, place in enumerate(written):
        _write(asked, place, f"storage_{number}", is_numpy)
    storages = ", ".join(f"storage_{number}" for number in range(len(written)))
    asked.do(f"written = [{storages}]")
    held = frozenset(id(place.storage) for place in written if place.storage is not None)
    if len(held) < len(written):
        asked.do("taken = set(map(id, written))")
        asked.require(f"len(taken) == {len(written)}")
    else:
        asked.do("taken = {held}", held=held)
    for place in plan.places:
        if place.result < 0:
            _read(asked, place, is_numpy)
    return asked.function("arguments, arrays", "written")


def _shown(asked: Conditions, place: Place) -> None:
    """`shown` is the tensor of a place from here on, `meta` what it may have, `storage` its storage."""
    if place.tensor is None:
        asked.do(f"shown = arguments[{place.argument}]")
    else:
        asked.do("shown = {tensor}" + ("._meta.grad" if place.is_gradient else ""), tensor=place.tensor)
    asked.do("storage, meta = shown._storage, shown._meta")


def _write(asked: Conditions, place: Place, name: str, is_numpy: bool) -> None:
    """A place that is written, whose storage gets a name."""
    _shown(asked, place)
    asked.do(f"{name} = storage")
    asked.require("not storage.edge and storage.pinned is shown._view is None")
    if place.storage is not None:
        asked.require("storage is {known}", known=place.storage)
    asked.do("lazy = storage.lazy\narray = lazy.array")
    asked.require(
        f"lazy.kind is {{kind}} and {{uses}}(lazy) <= {_ALONE} and {{uses}}(array) <= {_ALONE} and lazy.hooks is None",
        kind=place.kind, uses=sys.getrefcount,
    )  # fmt: skip
    own = "array.__class__ is {ndarray} and array.base is None and array.flags.carray"
    if not is_numpy:
        own = f"array is not None if array.__class__ is not {{ndarray}} else {own}"
    asked.require(own, ndarray=np.ndarray)
    _collects(asked, place.needs_gradient)
    if place.parameter >= 0:
        asked.do(f"arrays[{place.parameter}] = array")


def _read(asked: Conditions, place: Place, is_numpy: bool) -> None:
    """A place that is only read, which is of no storage that is `taken`."""
    _shown(asked, place)
    asked.do("lazy = storage.lazy\narray = lazy.array if storage.pinned is None else storage.pinned")
    asked.require(
        "lazy.kind is {kind} and not storage.edge and shown._view is None and id(storage) not in taken", kind=place.kind
    )
    _collects(asked, place.needs_gradient)
    if is_numpy:
        asked.require("array.__class__ is {ndarray}", ndarray=np.ndarray)
    else:
        asked.require("array is not None")
        asked.do("if array.__class__ is {ndarray}: array = {brought}(storage)", ndarray=np.ndarray, brought=_brought)
    asked.do(f"arrays[{place.parameter}] = array")


def _collects(asked: Conditions, needs_gradient: bool) -> None:
    """The tensor collects its gradient, or does not, and has no history of its own."""
    fits = "meta.leaf is None and (meta.alias is None or meta.alias.lazy is None)"
    if needs_gradient:
        asked.require(f"meta is not None and meta.requires_grad is True and {fits}")
    else:
        asked.require(f"meta is None or (meta.requires_grad is False and {fits})")


def _brought(storage: Storage) -> Any:
    """An array of the host's, where jax wants it."""
    if storage.pinned is not None:  # it may be written while the program still reads it
        return storage.pinned.copy()
    bring([storage.lazy])
    return storage.lazy.array


def _make_room(rooms: Sequence[Room], gradients: dict[int, Tensor | None], arrays: list[Any]) -> None:
    """Puts memory for results where it belongs. `gradients` are those that are about to be replaced, by the result that
    does; another tuple refers to each. Should the program raise, they are whole: that is as for what is written."""
    for room in rooms:
        array, gradient = room.array, gradients.get(room.result)
        if array is not None:
            uses = sys.getrefcount(array)
            if gradient is not None and sys.getrefcount(gradient) <= _ALONE + 1 and gradient._view is None:
                storage = gradient._storage
                if sys.getrefcount(storage) <= _ALONE and storage.pinned is None:
                    lazy = storage.lazy
                    uses -= lazy.array is array and sys.getrefcount(lazy) <= _ALONE
            if uses > _ALONE:
                array = None
        if array is None:
            array = np.empty(room.shape, room.dtype)
        arrays[room.parameter] = room.array = array


def _own(array: Any) -> np.ndarray | None:
    """An array that may be written over once nobody else refers to it."""
    return array if array.__class__ is np.ndarray and array.base is None and array.flags.carray else None


def _value(kind: Kind) -> Lazy:
    lazy = new(Lazy)
    lazy.kind = kind
    lazy.array = lazy.call = None
    lazy.number = lazy.serial = lazy.position = 0
    return lazy


def _showing(lazy: Lazy, edge: int) -> Tensor:
    storage = new(Storage)
    storage.lazy = lazy
    storage.edge = edge
    storage.pinned = None
    storage.version = storage.writes = storage.serial = 0
    tensor = new(Tensor)
    tensor._storage = storage
    tensor._view = tensor._meta = None
    return tensor


def _calibrate() -> int:
    """How often an object counts as referred to when only an attribute and a local variable do."""
    holder = Lazy(None, [])  # pyright: ignore[reportArgumentType]
    array = holder.array
    return sys.getrefcount(array)


_ALONE = _calibrate()

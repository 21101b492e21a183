"""A mesh of devices, and how values are split over it. It knows names and numbers only: jax has the devices."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import prod
from threading import RLock

from diptych.ir import DiptychError
from diptych.ir.ops.mesh import axes_of, axes_text

from .processes import process_count

DATA = "data"  # the axis that batches are split along

WORTH_SPLITTING = 8  # elements for each device: keys of random numbers, say, are whole

Spec = Sequence[str | Sequence[str] | None]  # for each dimension the axis that it is split along, several, or none


@dataclass(frozen=True, slots=True)
class Mesh:
    """Devices in a grid. `axes`: the name and size of each of its axes. `rules`: patterns of parameters' names, the
    first that fits the whole name says how it is split; none, that it is whole on every device. `zero`: whether what
    optimizers keep is split along the data axis too, wherever it divides."""

    axes: tuple[tuple[str, int], ...]
    rules: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = ()
    zero: bool = False

    @property
    def size(self) -> int:
        """How many devices there are."""
        return prod(size for _, size in self.axes)

    def of_parameter(self, name: str, shape: Sequence[int]) -> str:
        """How a parameter of this name is split, as `shard` says it. Raises DiptychError where a size does not
        divide, and for a rule of more dimensions than it has."""
        for pattern, spec in self.rules:
            if re.fullmatch(pattern, name):
                if len(spec) > len(shape):
                    problem = f"{pattern} splits {len(spec)} dimensions, but {name} has {len(shape)}"
                    raise DiptychError(f"mesh: {problem}")
                self._check(name, shape, spec)
                return axes_text((*spec, *[()] * (len(shape) - len(spec))))
        return whole(len(shape))

    def of_state(self, axes: str, shape: Sequence[int]) -> str:
        """How what an optimizer keeps of a parameter is split that is split so: alike or, with `zero`, also along the
        data axis, in the first dimension that is whole and divides."""
        words, size = axes.split(), dict(self.axes).get(DATA, 1)
        if self.zero and size > 1 and not any(DATA in word.split("+") for word in words):
            for place, word in enumerate(words):
                if word == "." and shape[place] and shape[place] % size == 0:
                    return " ".join([*words[:place], DATA, *words[place + 1 :]])
        return axes

    def of_batch(self, shape: Sequence[int]) -> str:
        """How an array that comes in is split: along the data axis in its first dimension, where that divides."""
        size = dict(self.axes).get(DATA, 1)
        if not shape or size == 1 or not shape[0] or shape[0] % size or prod(shape) < WORTH_SPLITTING * size:
            return whole(len(shape))
        return " ".join([DATA, *["."] * (len(shape) - 1)])

    def whole_batch(self, shape: Sequence[int]) -> tuple[int, ...]:
        """The shape of what all processes have of which this one has a part of this shape: they are one after another
        along the data axis, where that is how they are split. Raises DiptychError where processes share a part."""
        count = process_count()
        if count == 1 or not shape:
            return tuple(shape)
        data = dict(self.axes).get(DATA, 1)
        if data % count:
            problem = f"{DATA} is {data} but must be a multiple of {count}, the number of processes"
            raise DiptychError(f"mesh: {problem}", hint="each process has a part of every batch")
        whole = (count * shape[0], *shape[1:])
        return whole if self.of_batch(whole).startswith(DATA) else tuple(shape)

    def whole_batches(self, shapes: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
        """As `whole_batch` has it, of all parts of batches in one run. One that is too small by itself, but has as many
        rows as one beside it that is not, is of that batch."""
        wholes = [self.whole_batch(shape) for shape in shapes]
        rows = {shape[0] for shape, whole in zip(shapes, wholes, strict=True) if tuple(shape) != whole}
        return [
            (process_count() * shape[0], *shape[1:]) if shape and shape[0] in rows else whole
            for shape, whole in zip(shapes, wholes, strict=True)
        ]

    def joined_batch(self, shape: Sequence[int]) -> tuple[int, ...]:
        """The shape of a batch of which each process has a part of this shape, however small. Raises DiptychError where
        its rows cannot be split along the data axis."""
        count, data = process_count(), dict(self.axes).get(DATA, 1)
        if not shape or data % count or (count * shape[0]) % data:
            of = f"{shape[0]} rows" if shape else "a number"
            problem = f"batch: {of} in each of {count} processes cannot be split along {DATA}, which is {data}"
            raise DiptychError(problem)
        return (count * shape[0], *shape[1:])

    def _check(self, name: str, shape: Sequence[int], spec: Sequence[tuple[str, ...]]) -> None:
        sizes = dict(self.axes)
        for place, (length, names) in enumerate(zip(shape, spec, strict=False)):
            parts = prod(sizes[each] for each in names)
            if length % parts:
                axis = " and ".join(names)
                problem = (
                    f"dimension {place} of {name} is {length} but must be a multiple of {parts}, the size of {axis}"
                )
                raise DiptychError(f"mesh: {problem}", hint="None in its place, or another rule before this one")


def axes_of_spec(what: str, spec: Spec, rank: int) -> str:
    """As `shard` says it; dimensions behind those of `spec` are whole. Raises DiptychError."""
    for each in spec:
        if each is not None and not isinstance(each, str | Sequence):
            raise DiptychError(f"{what} has axis {each!r} but must have names, sequences of them, or None")
    found = tuple(() if each is None else (each,) if isinstance(each, str) else tuple(each) for each in spec)
    names = [name for each in found for name in each]
    if len(found) > rank:
        raise DiptychError(
            f"{what} has {len(found)} axes, but there {'is 1 dimension' if rank == 1 else f'are {rank} dimensions'}"
        )
    for name in names:
        if not isinstance(name, str) or not name.isidentifier():
            raise DiptychError(f"{what} has axis {name!r} but must have names")
        if names.count(name) > 1:
            raise DiptychError(f"{what} has axis {name!r} twice")
    return axes_text((*found, *[()] * (rank - len(found))))


def whole(rank: int) -> str:
    """What is said of a value that is not split."""
    return " ".join(["."] * rank)


_active: list[Mesh] = []
_entering = RLock()  # threads may enter and leave blocks at the same time
_apart: ContextVar[bool] = ContextVar("diptych_apart", default=False)


def current() -> Mesh | None:
    """The mesh that programs are compiled for now; None where there is none."""
    return _active[-1] if _active and not _apart.get() else None


@contextmanager
def apart() -> Generator[None]:
    """Programs that run within the block, in this thread, are for no mesh. They are others than those around it."""
    token = _apart.set(True)
    try:
        yield
    finally:
        _apart.reset(token)


def make_mesh(axes: Mapping[str, int], rules: Mapping[str, Spec] | None, *, zero: bool) -> Mesh:
    """A mesh of axes of these sizes. Raises DiptychError where that makes no sense."""
    for name, size in axes.items():
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise DiptychError(f"mesh: {name} is {size!r} but must be a whole number, 1 or more")
    if not axes:
        raise DiptychError("mesh: there are no axes", hint="diptych.mesh(data=2)")
    if zero and DATA not in axes:
        raise DiptychError(f"mesh: zero is set but there is no axis {DATA}, which it splits along")
    if rules is not None and not isinstance(rules, Mapping):
        raise DiptychError(f"mesh: rules is {rules!r} but must be a dict of patterns and axes")
    found = tuple((pattern, _spec(pattern, spec, axes)) for pattern, spec in (rules or {}).items())
    return Mesh(tuple(axes.items()), found, zero)


def _spec(pattern: str, spec: Spec, axes: Mapping[str, int]) -> tuple[tuple[str, ...], ...]:
    what = f"mesh: rule {pattern!r}"
    if not isinstance(pattern, str) or not isinstance(spec, str | Sequence):
        raise DiptychError(f"{what} is {spec!r} but must be a pattern of names with a sequence of axes")
    try:
        re.compile(pattern)
    except re.error as error:
        raise DiptychError(f"{what} is no pattern: {error}") from None
    if isinstance(spec, str):
        raise DiptychError(f"{what} is {spec!r} but must be a sequence", hint=f"({spec!r},)")
    found = axes_of(axes_of_spec(what, spec, len(spec)))
    for name in (name for each in found for name in each):
        if name not in axes:
            raise DiptychError(f"{what} has axis {name!r} but must have some of {', '.join(axes)}")
    return found


changing: list[Callable[[Mesh | None], None]] = []  # told of the mesh that is to be active, while another one still is


@contextmanager
def active(mesh: Mesh) -> Generator[Mesh]:
    """Programs that are compiled within the block, in all threads, are for this mesh."""
    with _entering:
        _change(mesh)
        _active.append(mesh)
    try:
        yield mesh
    finally:
        with _entering:
            _change(_active[-2] if len(_active) > 1 else None)
            _active.pop()


def _change(mesh: Mesh | None) -> None:
    if mesh != current():
        for each in changing:
            each(mesh)

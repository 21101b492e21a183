"""What is known of tapes of one structure: what they keep and may overwrite, and the programs made of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from diptych import backends
from diptych.backends import is_watched
from diptych.ir import Function

from .filling import filled
from .graph import live_calls, needed_later
from .lazy import TRACKED, Call, Lazy
from .memory import as_pytorch

if TYPE_CHECKING:
    from diptych.backends.settings import Settings

    from .ahead import Habit

# What compiling a call saves in each run, what each byte of its results adds to that, and half of what compiling takes.
_CALL_SECONDS, _BYTE_SECONDS, _COMPILE_SECONDS = 6e-6, 1e-9, 1.6e-4
_MAX_TRIALS = 25
_JAX_TRIALS = 100
_MAX_STRANGERS = 3  # traces that end at one line and are compiled for jax when they are new
_REPEATED, _EVERY = 3, 4  # runs of a trace, and how many runs of the tape for each, by which it is known to repeat
_SMALL_BYTES = 64 * 2**20  # of all results
_DRAWN_BYTES = 4 * 2**20  # that the host draws while XLA compiles one call
# Of one function: for so many sets of arguments that may be overwritten it is compiled, when each has come so often and
# while no more others have come.
_MAX_DONATIONS, _MET, _MAX_MET = 4, 2, 16


How = tuple[str, int | None]  # a backend, and the bucket


@dataclass(slots=True)
class Trace:
    """What is known of one key: for numbers that stay the same and numbers that vary, a function each.

    `kept`: the inputs of calls, (call, place), that are computed for gradients that may come. `released`: the calls
    that are let go of afterwards, since their gradients were taken. `uses`: how often calls refer to each argument;
    None of one that a gradient may be computed from again. `trials`: how often it should run call by call before it is
    compiled, `runs`: how often it did, `tried`: with which numbers the last time; `began`: how often the tape had run
    when it was new. `moving`: the places of numbers that are known to change. `is_light`: whether it overwrites
    nothing, so that it may run ahead; None while that is open. `habit`: what it reads, in a loop.
    """

    kept: list[tuple[int, int]]
    released: list[int]
    uses: list[int | None]
    trials: int
    began: int = 0
    moving: frozenset[int] = frozenset()
    runs: int = 0
    tried: tuple[Any, ...] | None = None
    variants: list[Variant] = field(default_factory=list)
    is_light: bool | None = None
    habit: Habit | None = None

    def is_tried(self, current: Settings, flushes: int, *, is_last: bool) -> bool:
        """Whether it is to run call by call once more, as where this `is_last`. Who watches programs sees it compiled;
        so does jax what comes again and again, among `flushes` runs of the tape."""
        if is_watched() or current.memory_budget:  # what a program takes is known of those that are compiled
            return False
        if current.compile_after is not None:
            return self.runs < current.compile_after
        if current.backend == "jax" and self.runs >= _REPEATED and flushes - self.began <= _EVERY * self.runs:
            return False
        return not self.variants and (self.runs < self.trials or (is_last and current.backend == "numpy"))

    def fitting(self, scalars: tuple[Any, ...]) -> Variant | None:
        """What was lowered for these numbers."""
        for variant in self.variants:
            if variant.fits(scalars):
                return variant
        return None

    def changed(self, scalars: tuple[Any, ...]) -> dict[int, Any]:
        """The numbers, by place, that the last run had others in place of."""
        before = self.variants[-1].scalars if self.variants else self.tried
        if before is None:
            return {}
        return {
            place: other
            for place, (mine, other) in enumerate(zip(scalars, before, strict=True))
            if mine != other or _signs_differ((mine,), (other,))
        }


@dataclass(slots=True)
class Variant:
    """A lowered tape: the numbers it was lowered for, and the places of those that are arguments."""

    function: Function
    scalars: tuple[Any, ...]
    varying: frozenset[int]
    executables: dict[tuple[How, tuple[int, ...]], Any] = field(default_factory=dict)  # and by donation
    met: dict[tuple[How, tuple[int, ...]], int] = field(default_factory=dict)  # how often others were asked for
    places: list[int] = field(init=False)  # of numbers that are arguments, in their order

    def __post_init__(self) -> None:
        self.places = sorted(self.varying)

    def fits(self, scalars: tuple[Any, ...]) -> bool:
        if not self.varying:
            return self.scalars == scalars and not (0 in scalars and _signs_differ(self.scalars, scalars))
        return all(
            place in self.varying or (mine == other and not _signs_differ((mine,), (other,)))
            for place, (mine, other) in enumerate(zip(self.scalars, scalars, strict=True))
        )

    def executable(self, backend: str, donated: tuple[int, ...], bucket: int | None) -> Any:
        """What runs the function and overwrites at most the arguments at the places `donated`: one that overwrites
        fewer serves while these places are new, and where they change from run to run. Batches are filled up to a
        multiple of `bucket`, if there is one."""
        how = backend, bucket
        found = self.executables.get((how, donated))
        if found is None:
            known = [places for other, places in self.executables if other == how]
            serving = [places for places in known if set(places) <= set(donated)]
            times = self.met[how, donated] = self.met.get((how, donated), 0) + 1
            is_changing = len(known) >= _MAX_DONATIONS or len(self.met) > _MAX_MET
            if serving and (times < _MET or is_changing):
                return self.executables[how, max(serving, key=len)]
            chosen = () if is_changing else donated
            self.met.pop((how, donated))
            with as_pytorch():
                found = None if bucket is None else filled(self.function, bucket, chosen, backend)
                if found is None:
                    found = backends.compile(self.function, backend=backend, donate=chosen)
            self.executables[how, chosen] = found
        return found


def _signs_differ(left: Sequence[Any], right: Sequence[Any]) -> bool:
    """0.0 equals -0.0, but programs differ."""
    return any(mine == 0 and str(mine) != str(other) for mine, other in zip(left, right, strict=True))


def trials_of(calls: int, size: int, strangers: int, backend: str) -> int:
    """How often a new trace of so many calls, whose results have `size` bytes, runs call by call before compiling it
    may pay; it is one of so many that ended at its line when they were new."""
    if backend == "numpy":
        seconds = calls * _CALL_SECONDS + size * _BYTE_SECONDS
        return min(max(round(calls * _COMPILE_SECONDS / seconds), 1), _MAX_TRIALS)
    if backend == "reference":
        return 0
    # XLA takes long even for a single call. What is small is computed here where all that ends at its line is new.
    return _JAX_TRIALS if strangers > _MAX_STRANGERS and size < _SMALL_BYTES else 0


def trials_of_making(calls: int, size: int) -> int:
    """How often so many calls, whose results have `size` bytes, run call by call on the host where jax is to compute
    what follows: they made parameters, mostly by draws, and seldom come again."""
    return _JAX_TRIALS if size < calls * _DRAWN_BYTES else 0


def kept_of(calls: Sequence[Call], outputs: Sequence[Lazy], serial: int) -> list[tuple[int, int]]:
    """What gradients of the outputs, which may yet be taken, are computed from: inputs of calls, by number."""
    numbers = {call: number for number, call in enumerate(calls)}
    found: dict[Lazy, tuple[int, int]] = {}
    known = set(outputs)
    for call in _with_makers(live_calls(outputs, serial)):
        for place, source in enumerate(call.inputs):
            if source.array is not None or source.serial != serial or source in known:
                continue
            if _is_kept(call, place):
                found.setdefault(source, (numbers[call], place))
    return list(found.values())


def _with_makers(calls: Sequence[Call]) -> Sequence[Call]:
    """The calls, and those of their parts that no gradient flows through: of parts, these are computed again too."""
    found = dict.fromkeys(calls)
    pending = [call for call in calls if call.part is not None]
    while pending:
        call = pending.pop()
        for source in call.inputs:
            maker = source.call
            if maker is not None and maker.part == call.part and maker not in found:
                found[maker] = None
                pending.append(maker)
    return list(found)


def _is_kept(call: Call, place: int) -> bool:
    """Whether an input of a call must be there when its gradient is taken, or that of the call that made it. What is
    cut off from its history is, too: that may be gone by then. Of a part that is computed again, what comes in is."""
    source = call.inputs[place]
    maker = source.call
    if maker is not None and maker.template.is_joint:  # which nobody may ask for again
        return True
    if call.part is not None:
        return maker is None or maker.part != call.part
    if place in call.template.reads(call).inputs:
        return True
    if maker is None or not maker.tracked or (call.edges[place] == TRACKED and maker.is_spent()):
        return False
    return call.edges[place] != TRACKED or source.number in maker.template.reads(maker).results


def released_of(calls: Sequence[Call]) -> list[int]:
    """The numbers of the calls that nobody needs any more when they have run."""
    return [number for number, call in enumerate(calls) if call.is_spent()]


def uses_of(calls: Sequence[Call], leaves: Sequence[Lazy], outputs: Sequence[Lazy], serial: int) -> list[int | None]:
    """How often calls refer to each argument, and None of those that a later gradient may be computed from again, when
    the outputs are arrays."""
    uses: dict[Lazy, int] = {}
    for call in dict.fromkeys(calls):
        for source in call.inputs:
            uses[source] = uses.get(source, 0) + 1
    needed = needed_later(calls, outputs, serial)
    return [None if lazy in needed else uses.get(lazy, 0) for lazy in leaves]


def donated_of(uses: Sequence[int | None], leaves: list[Lazy]) -> tuple[int, ...]:
    """The places of arguments that nothing but these calls refers to, which are gone after the run, so that results may
    be written over them. Nobody can come to hold one meanwhile: who could hand it on would have to hold it."""
    found: list[int] = []
    for place in range(len(leaves)):
        count = uses[place]
        if count is None:
            continue
        lazy = leaves[place]
        array = lazy.array
        is_alone = sys.getrefcount(lazy) - count <= ALONE and sys.getrefcount(array) <= _ARRAY_ALONE
        if not is_alone:
            continue
        is_own = array.__class__ is np.ndarray and array.base is None and array.flags.carray
        if is_own or not isinstance(array, np.ndarray):  # nobody else has its memory
            found.append(place)
    return tuple(found)


class _Probe:
    __slots__ = ("array",)


def _calibrate() -> tuple[int, int]:
    """How often an object counts as referred to when only a list and a local variable refer to it, and an array that
    only such an object, a list of arguments and a local variable do."""
    probe = _Probe()
    probe.array = _Probe()
    probes, arguments = [probe], [probe.array]
    del probe
    found = (0, 0)
    for place in range(len(probes)):
        probe = probes[place]
        array = probe.array
        found = (sys.getrefcount(probe), sys.getrefcount(array))
    del arguments
    return found


ALONE, _ARRAY_ALONE = _calibrate()

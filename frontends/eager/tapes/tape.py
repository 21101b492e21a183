"""The tape: calls that wait to be run. Reading a value, or too much waiting, runs them all as one program.

The tape stands at a prefix that says all about the structure of its calls. A tape that ends where one did before, with
the same results wanted, runs at once; only a new one is lowered to equations and compiled.
"""

from __future__ import annotations

import os
import sys
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from threading import RLock
from time import perf_counter
from types import CodeType
from typing import TYPE_CHECKING, Any

import numpy as np
from diptych import backends
from diptych.backends.collecting import paused_collections
from diptych.backends.jax import on_device
from diptych.ir import DiptychError, Function

from .callers import caller, settled
from .graph import FREED, live_calls, needed_later
from .lazy import LEAF, TRACKED, Alias, Call, Lazy, Storage
from .lowering import Recalled, lower
from .operation import TensorError
from .prefixes import MAX_PREFIXES, Prefix, keep
from .stepping import NotStepped, Stepping
from .syncs import GRADIENT, READ, STEP, note, note_numbers, note_trace

if TYPE_CHECKING:
    from diptych.backends.settings import Settings

    from ..capturing.log import Log
    from ..tensors.tensor import Tensor

MAX_PROGRAMS = 1024  # traces kept
# What a call takes by itself, what each byte of its results adds, and half of what its part of compiling takes.
_CALL_SECONDS, _BYTE_SECONDS, _COMPILE_SECONDS = 1e-5, 1e-9, 1.2e-4
_MAX_TRIALS = 12
_JAX_TRIALS = 100
_MAX_STRANGERS = 3  # traces that end at one line and are compiled for jax when they are new
_SMALL_BYTES = 64 * 2**20  # of all results
new = object.__new__


@dataclass(slots=True)
class Trace:
    """What is known of one key: for numbers that stay the same and numbers that vary, a function each.

    `kept`: the inputs of calls, (call, place), that are computed for gradients that may come. `uses`: how often calls
    refer to each argument; None of one that a gradient may be computed from again. `trials`: how often it should run
    call by call before it is compiled, `runs`: how often it did, `tried`: with which numbers the last time.
    """

    kept: list[tuple[int, int]]
    uses: list[int | None]
    trials: int
    runs: int = 0
    tried: tuple[Any, ...] | None = None
    variants: list[Variant] = field(default_factory=list)


@dataclass(slots=True)
class Variant:
    """A lowered tape: the numbers it was lowered for, and the places of those that are arguments."""

    function: Function
    scalars: tuple[Any, ...]
    varying: frozenset[int]
    executables: dict[tuple[str, tuple[int, ...]], Any] = field(default_factory=dict)  # by backend and donation

    def fits(self, scalars: tuple[Any, ...]) -> bool:
        if not self.varying:
            return self.scalars == scalars and not (0 in scalars and _signs_differ(self.scalars, scalars))
        return all(
            place in self.varying or (mine == other and not _signs_differ((mine,), (other,)))
            for place, (mine, other) in enumerate(zip(self.scalars, scalars, strict=True))
        )


def _signs_differ(left: Sequence[Any], right: Sequence[Any]) -> bool:
    """0.0 equals -0.0, but programs differ."""
    return any(mine == 0 and str(mine) != str(other) for mine, other in zip(left, right, strict=True))


class Tape:
    """The calls that wait, of all threads; `lock` guards them."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.serial = 0
        self.traces: OrderedDict[tuple[Any, ...], Trace] = OrderedDict()
        self.flushes = 0
        self.retraces = 0
        self.log: Log | None = None  # of a function that is captured now
        self.most_bytes = self.most_calls = -1  # what may wait; from the settings when first needed
        self.beginning = Prefix(0)
        self.prefixes = 1  # how many there are
        self.strangers: dict[tuple[CodeType | None, int], int] = {}  # new traces, by the line of the last call
        self._clear()

    def _clear(self) -> None:
        self.serial += 1
        if self.prefixes > MAX_PREFIXES:
            self._forget()
        self.at = self.beginning
        self.calls: list[Call] = []
        self.recalled: list[Recalled] = []  # calls of earlier tapes, recorded again
        self.leaves: list[Lazy] = []  # values that come in as arrays
        self.scalars: list[Any] = []
        self.storages: list[Storage | Alias] = []  # whose values are made here
        self.owners: list[Tensor] = []  # tensors that collect gradients, in order of appearance
        self.numbers: dict[int, int] = {}  # their places there, by identity
        self.overwritten: list[int] = []  # positions of values that were written over, and how many there were then
        self.bytes = 0
        self.backwards = 0  # gradients taken here
        self.updates = 0  # steps of optimizers taken here
        self.is_urgent = False  # whether memory is read that somebody else may write
        self.is_watched = False  # whether Python wants to see the gradient of a value made here

    def _forget(self) -> None:
        """Makes room for new prefixes: keeps those that lead to what was compiled, or ran again; if these are many too,
        none."""
        self.strangers.clear()
        known = [key for key, trace in self.traces.items() if trace.variants or trace.runs > 1]
        self.prefixes = keep([self.beginning, *(key[0] for key in known)])
        if self.prefixes > MAX_PREFIXES // 2:
            keep([])
            self.beginning, self.prefixes = Prefix(0), 1
            known = []
        self.traces = OrderedDict((key, self.traces[key]) for key in known)

    # -- recording ----

    def grown(self, key: Hashable, count: int) -> Prefix:
        """A new prefix behind the one where the tape stands."""
        self.prefixes += 1
        return self.at.followed_by(key, count)

    def settled(self, key: tuple[Any, ...], code: CodeType | None) -> tuple[tuple[Any, ...], Prefix | None]:
        """A key that ends with an instruction, with the first one of the same expression, and the prefix behind where
        the tape stands that is known by that: from now on by either."""
        place = (*key[:-1], settled(code, key[-1]))
        prefix = self.at.following.get(place)
        if prefix is not None:
            self.at.following[key] = prefix
        return place, prefix

    def enter(self, lazy: Lazy) -> None:
        """Gives a value of an earlier tape a position in this one: as an argument, or by recording its calls again."""
        if lazy.array is None:
            self._again(lazy)
            return
        at = self.at
        lazy.serial, lazy.position = self.serial, at.count
        self.at = at.following.get(lazy.kind) or self.grown(lazy.kind, 1)
        self.leaves.append(lazy)

    def owner(self, tensor: Tensor) -> int:
        """The number of a tensor that collects its gradient."""
        number = self.numbers.get(id(tensor))
        if number is None:
            number = self.numbers[id(tensor)] = len(self.owners)
            self.owners.append(tensor)
        return number

    def record(
        self,
        template: Any,
        inputs: tuple[Lazy, ...],
        edges: tuple[int, ...],
        leaves: tuple[Tensor | None, ...],
        scalars: tuple[Any, ...] = (),
        *,
        tracked: bool,
    ) -> Call:
        """Adds a call on values and numbers. `edges` are of all inputs, or empty where it is not tracked."""
        for lazy in inputs:
            if lazy.serial != self.serial:
                self.enter(lazy)
        code, instruction = caller()
        key = (template, tracked, *self._codes(inputs, edges, leaves), id(code), instruction)
        prefix = self.at.following.get(key)
        if prefix is None:
            place, prefix = self.settled(key, code)
            if prefix is None:
                prefix = self.grown(place, len(template.kinds))
                self.describe(prefix, template, edges, code, place[-1], tracked=tracked)
        return self.put(prefix, inputs, scalars, leaves if edges else prefix.leaves)

    def repeat(
        self, like: Prefix, inputs: tuple[Lazy, ...], scalars: tuple[Any, ...], leaves: tuple[Tensor | None, ...]
    ) -> Call:
        """Adds a call like one that was recorded before, on other values, which have positions."""
        key = (like, *self._codes(inputs, like.edges, leaves))
        prefix = self.at.following.get(key)
        if prefix is None:
            prefix = self.grown(key, len(like.kinds))
            self.describe(prefix, like.template, like.edges, like.code, like.instruction, tracked=like.tracked)
        return self.put(prefix, inputs, scalars, leaves)

    def _codes(self, inputs: Sequence[Lazy], edges: Sequence[int], leaves: Sequence[Tensor | None]) -> list[int]:
        """What is read, and how gradients flow back, as integers."""
        if not edges:
            return [source.position * 4 for source in inputs]
        codes: list[int] = []
        for source, edge, leaf in zip(inputs, edges, leaves, strict=True):
            codes.append(source.position * 4 + edge)
            if edge == LEAF and leaf is not None:
                codes.append(self.owner(leaf))
        return codes

    def describe(
        self,
        prefix: Prefix,
        template: Any,
        edges: tuple[int, ...],
        code: CodeType | None,
        instruction: int,
        *,
        tracked: bool,
    ) -> None:
        """Notes at a new prefix what calls there have in common."""
        prefix.template, prefix.kinds, prefix.tracked = template, template.kinds, tracked
        prefix.start, prefix.first = self.at.count, len(self.scalars)
        prefix.edges, prefix.leaves = edges, (None,) * len(edges)
        prefix.flowing = template.edges if tracked else template.no_edges
        prefix.bytes = sum([kind.bytes for kind in template.kinds])
        prefix.code, prefix.instruction = code, instruction

    def put(
        self, prefix: Prefix, inputs: tuple[Lazy, ...], scalars: tuple[Any, ...], leaves: tuple[Tensor | None, ...]
    ) -> Call:
        """Adds a call at a prefix, where the tape stands then."""
        call = new(Call)
        call.prefix = prefix
        call.inputs = inputs
        call.scalars = scalars
        call.leaves = leaves
        call.serial = self.serial
        call.freed = False
        self.calls.append(call)
        if scalars:
            self.scalars.extend(scalars)
        self.bytes += prefix.bytes
        self.at = prefix
        return call

    def results(self, call: Call) -> list[Lazy]:
        """The values that a call which was just added makes."""
        position = call.prefix.start
        return [
            Lazy(kind, None, call, number, self.serial, position + number)
            for number, kind in enumerate(call.prefix.kinds)
        ]

    def recall(self, call: Call, outputs: Sequence[Lazy]) -> None:
        """Records a call of an earlier tape again, for those of its results that are in `outputs`.

        It runs before all others: what it reads is older than this tape. Results whose arrays are known still are those
        arrays, and get the call for their history.
        """
        for source in call.inputs:
            if source.serial != self.serial:
                self.enter(source)
        for output in outputs:
            if output.serial != self.serial and output.array is not None:
                self.enter(output)
        start, first = self.at.count, len(self.scalars)
        known: list[tuple[int, int]] = []
        for output in outputs:
            if output.serial == self.serial:
                known.append((output.number, output.position))
            else:
                output.serial, output.position = self.serial, start + output.number
        like = call.prefix  # which depends on what was before that call: its structure, not itself, is in the key
        codes = self._codes(call.inputs, call.edges, call.leaves)
        key = (like.template, like.tracked, id(like.code), like.instruction, *codes, tuple(known))
        prefix = self.at.following.get(key) or self.grown(key, len(like.kinds))
        prefix.code = like.code  # kept, so that its identity is
        self.at = prefix
        self.scalars.extend(call.scalars)
        call.serial = self.serial
        self.recalled.append(Recalled(call, start, first, tuple(known)))

    def _again(self, lazy: Lazy) -> None:
        """Records again the calls behind a value that was not kept when its tape ran."""
        pending = [lazy]
        while pending:
            current = pending[-1]
            if current.serial == self.serial:
                pending.pop()
                continue
            call = current.call
            if current.array is not None:
                self.enter(current)
                pending.pop()
                continue
            if call is None or call.is_released():
                raise RuntimeError(FREED)
            missing = [source for source in call.inputs if source.serial != self.serial]
            if missing:
                pending.extend(missing)
                continue
            self.recall(call, [current])
            pending.pop()

    def is_full(self) -> bool:
        """Whether so much waits that it should run now."""
        if self.most_calls < 0:
            current = _settings()
            self.most_bytes, self.most_calls = current.pending_bytes, current.pending_calls
        return self.is_urgent or self.bytes > self.most_bytes or len(self.calls) > self.most_calls

    # -- where one step of a training loop ends: there the tape runs, so that all steps look alike ----

    def gradients_taken(self) -> None:
        """A gradient was recorded. The second one on a tape belongs to another step, or part of one."""
        self.backwards += 1
        if self.backwards > 1:
            self.flush(cause=GRADIENT)

    def update_recorded(self) -> None:
        """An optimizer has recorded its step."""
        self.updates += 1

    def step_ended(self) -> None:
        """Gradients were forgotten, or an optimizer begins: what an optimizer did before is complete."""
        if self.updates:
            self.flush(cause=STEP)

    # -- running ----

    def value(self, lazy: Lazy) -> Any:
        """The array of `lazy`, run now where it waits."""
        if self.log is not None:
            self.log.refuse("the value of a tensor is read")
        if lazy.array is None:
            with self.lock:
                if lazy.array is None:
                    if lazy.serial != self.serial:
                        self._again(lazy)
                    self.flush(lazy)
        return lazy.array

    def flush(self, also: Lazy | None = None, cause: str = READ) -> None:
        """Runs what waits. Afterwards every value that a tensor shows, and `also`, is an array."""
        with self.lock:
            if self.calls or self.recalled:
                begin, retraces, calls = perf_counter(), self.retraces, len(self.calls) + len(self.recalled)
                current = _settings()
                self._run(also, current)
                note(cause, calls, perf_counter() - begin, self.retraces > retraces, current.log)

    def _run(self, also: Lazy | None, settings: Settings) -> None:
        outputs = self._outputs(also)
        calls = [*[recalled.call for recalled in self.recalled], *self.calls] if self.recalled else self.calls
        freed = tuple([call.freed for call in calls])
        key = (self.at, tuple([lazy.position for lazy in outputs]), freed)
        trace = self.traces.get(key)
        if trace is None:
            self.retraces += 1
            if "retrace" in settings.log:
                note_trace(calls)
            trials = self._trials(calls, settings)
            trace = self.traces[key] = Trace(self._kept(calls, outputs), _uses(calls, self.leaves), trials)
            while len(self.traces) > MAX_PROGRAMS:
                self.traces.popitem(last=False)
        outputs.extend([calls[number].inputs[place] for number, place in trace.kept])
        scalars = tuple(self.scalars)
        if _is_tried(trace, settings):
            trace.runs += 1
            trace.tried = scalars
            arrays = self._step(outputs, settings)
            if arrays is not None:
                _settle(calls, outputs, arrays)
                self.flushes += 1
                return
        variant = self._variant(trace, scalars) or self._lowered(trace, scalars, outputs, settings)
        leaves = self.leaves
        self._clear()
        arguments = [lazy.array for lazy in leaves]
        donated = _donated(trace.uses, leaves)
        arguments.extend([np.asarray(scalars[place]) for place in sorted(variant.varying)])
        chosen = (settings.backend, donated)
        executable = variant.executables.get(chosen)
        if executable is None:
            executable = variant.executables[chosen] = backends.compile(variant.function, donate=donated)
        # Should this raise, nothing is lost: every value can still be computed, and no argument was overwritten.
        try:
            arrays = executable.run(arguments)
        except DiptychError as error:
            raise _located(error) from error
        for place in donated:
            leaves[place].array = None
        _settle(calls, outputs, arrays)
        self.flushes += 1

    def _trials(self, calls: Sequence[Call], settings: Settings) -> int:
        """How often a new trace runs call by call, before compiling it may pay."""
        if settings.backend == "numpy":
            seconds = len(calls) * _CALL_SECONDS + self.bytes * _BYTE_SECONDS
            return min(max(round(len(calls) * _COMPILE_SECONDS / seconds), 1), _MAX_TRIALS)
        if settings.backend == "reference":
            return 0
        # XLA takes long even for a single call. What is small is computed here where all that ends at its line is new.
        place = calls[-1].prefix.code, calls[-1].prefix.instruction
        self.strangers[place] = self.strangers.get(place, 0) + 1
        return _JAX_TRIALS if self.strangers[place] > _MAX_STRANGERS and self.bytes < _SMALL_BYTES else 0

    def _step(self, outputs: Sequence[Lazy], settings: Settings) -> Sequence[Any] | None:
        """Runs what waits call by call, as fits what may never come again; None where it cannot."""
        with paused_collections():
            try:
                stepping = Stepping(self)
            except NotStepped:
                return None
        leaves, count = self.leaves, self.at.count
        self._clear()
        try:
            arrays = stepping.run(leaves, outputs, count)
            return on_device(arrays) if settings.backend == "jax" else arrays
        except DiptychError as error:
            raise _located(error) from error

    def _outputs(self, also: Lazy | None) -> list[Lazy]:
        """The values to compute: those of storages that somebody else still refers to."""
        outputs: dict[Lazy, None] = {}
        storages, serial = self.storages, self.serial
        for place in range(len(storages)):
            storage = storages[place]
            lazy = storage.lazy
            if lazy and lazy.array is None and lazy.serial == serial and sys.getrefcount(storage) > _ALONE:
                outputs[lazy] = None
        if also is not None:
            outputs[also] = None
        return list(outputs)

    def _kept(self, calls: Sequence[Call], outputs: Sequence[Lazy]) -> list[tuple[int, int]]:
        """What gradients of the outputs, which may yet be taken, are computed from: inputs of calls, by number."""
        numbers = {call: number for number, call in enumerate(calls)}
        found: dict[Lazy, tuple[int, int]] = {}
        known = set(outputs)
        for call in live_calls(outputs, self.serial):
            for place, source in enumerate(call.inputs):
                if source.array is not None or source.serial != self.serial or source in known:
                    continue
                if _is_kept(call, place):
                    found.setdefault(source, (numbers[call], place))
        return list(found.values())

    def _variant(self, trace: Trace, scalars: tuple[Any, ...]) -> Variant | None:
        for variant in trace.variants:
            if variant.fits(scalars):
                return variant
        return None

    def _lowered(self, trace: Trace, scalars: tuple[Any, ...], outputs: Sequence[Lazy], settings: Settings) -> Variant:
        """Lowers the tape. Numbers that differ from the last time become arguments from now on."""
        varying: frozenset[int] = frozenset()
        before = trace.variants[-1].scalars if trace.variants else trace.tried
        if before is not None:
            changed = [
                place
                for place, (mine, other) in enumerate(zip(before, scalars, strict=True))
                if mine != other or _signs_differ((mine,), (other,))
            ]
            varying = frozenset(changed).union(trace.variants[-1].varying if trace.variants else ())
            self.retraces += bool(trace.variants or changed)
            if changed and "retrace" in settings.log:
                note_numbers([(before[place], scalars[place]) for place in changed])
        with paused_collections():
            function = lower(self, outputs, scalars, varying)
        variant = Variant(function, scalars, varying)
        trace.variants.append(variant)
        del trace.variants[:-2]
        return variant


def _is_tried(trace: Trace, settings: Settings) -> bool:
    """Whether a trace is to run call by call once more. Who watches programs sees it compiled."""
    if backends.is_watched():
        return False
    if settings.compile_after is not None:
        return trace.runs < settings.compile_after
    return trace.runs < trace.trials and not trace.variants


def _located(error: DiptychError) -> DiptychError:
    """An error of a run, as PyTorch's class where it is a call that failed."""
    if error.location is None:
        return error
    return TensorError(error.message, location=error.location, hint=error.hint)


def _settle(calls: Sequence[Call], outputs: Sequence[Lazy], arrays: Sequence[Any]) -> None:
    """Gives values their arrays, and lets go of what nobody needs any more."""
    for lazy, array in zip(outputs, arrays, strict=True):
        lazy.array = array
        if lazy.call is not None and not lazy.call.prefix.tracked:
            lazy.call = None
    for call in calls:
        if call.freed and call.prefix.template.saves != ():
            call.release()


def _settings() -> Settings:
    """The settings in force."""
    from diptych.backends.settings import settings  # here, since pydantic takes long to import

    return settings()


def _is_kept(call: Call, place: int) -> bool:
    """Whether an input of a call must be there when its gradient is taken, or that of the call that made it. What is
    cut off from its history is, too: that may be gone by then."""
    source = call.inputs[place]
    maker = source.call
    if place in call.template.reads(call).inputs:
        return True
    if maker is None or not maker.tracked or (call.edges[place] == TRACKED and maker.is_spent()):
        return False
    return call.edges[place] != TRACKED or source.number in maker.template.reads(maker).results


def _uses(calls: Sequence[Call], leaves: Sequence[Lazy]) -> list[int | None]:
    """How often calls refer to each argument, and None of those that a later gradient may be computed from again."""
    uses: dict[Lazy, int] = {}
    for call in dict.fromkeys(calls):
        for source in call.inputs:
            uses[source] = uses.get(source, 0) + 1
    needed = needed_later(calls)
    return [None if lazy in needed else uses.get(lazy, 0) for lazy in leaves]


def _donated(uses: Sequence[int | None], leaves: list[Lazy]) -> tuple[int, ...]:
    """The places of arguments that nothing but these calls refers to, so that results may be written over them."""
    found: list[int] = []
    for place in range(len(leaves)):
        count = uses[place]
        if count is None:
            continue
        lazy = leaves[place]
        if sys.getrefcount(lazy) - count <= _ALONE and sys.getrefcount(lazy.array) <= _ARRAY_ALONE:
            found.append(place)
    return tuple(found)


class _Probe:
    __slots__ = ("array",)


def _calibrate() -> tuple[int, int]:
    """How often an object counts as referred to when only a list and a local variable refer to it, and an array that
    only such an object and a list of arguments do."""
    probe = _Probe()
    probe.array = _Probe()
    probes, arguments = [probe], [probe.array]
    del probe
    found = (0, 0)
    for place in range(len(probes)):
        probe = probes[place]
        found = (sys.getrefcount(probe), sys.getrefcount(probe.array))
    del arguments
    return found


_ALONE, _ARRAY_ALONE = _calibrate()

tape = Tape()


def refused(reason: str) -> None:
    """Tells the log of a function that is captured now, if any is, what cannot be done again."""
    if tape.log is not None:
        tape.log.refuse(reason)


# A process that is forked finds the tape whole, and free.
os.register_at_fork(before=tape.lock.acquire, after_in_parent=tape.lock.release, after_in_child=tape.lock.release)

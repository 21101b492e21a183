"""The tape: calls that wait to be run. Reading a value, or too much waiting, runs them all as one program.

The tape stands at a prefix that says all about the structure of its calls. A tape that ends where one did before, with
the same results wanted, runs at once; only a new one is lowered to equations and compiled.
"""

from __future__ import annotations

import os
import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from itertools import count
from threading import RLock
from time import perf_counter
from types import CodeType
from typing import TYPE_CHECKING, Any

import numpy as np
from diptych.backends.collecting import paused_collections
from diptych.backends.jax import on_device
from diptych.backends.mesh import Mesh
from diptych.backends.settings import Settings, settings
from diptych.ir import DiptychError, user_location
from diptych.ir.location import detail_listeners, is_detailed

from .callers import caller, settled
from .graph import FREED
from .lazy import LEAF, Alias, Call, Lazy, Storage
from .lowering import Recalled, lower
from .operation import TensorError
from .places import places_of
from .prefixes import MAX_PREFIXES, Prefix, keep
from .stepping import NotStepped, Stepping
from .syncs import CHANGE, GRADIENT, PLACE, READ, STEP, note, note_numbers, note_trace
from .traces import ALONE, Trace, Variant, donated_of, kept_of, released_of, staying_of, trials_of, uses_of

if TYPE_CHECKING:
    from ..capturing.log import Log
    from ..func.elements import Elements
    from ..tensors.tensor import Tensor

MAX_PROGRAMS = 1024  # traces kept
MAX_GONE = 8  # times the bytes that may wait: so many results may wait that nobody can see
_serials = count(1)
_parts = count(1)
new = object.__new__


class Tape:
    """The calls that wait, of all threads; `lock` guards them."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.serial = 0
        self.traces: OrderedDict[tuple[Any, ...], Trace] = OrderedDict()
        self.flushes = 0
        self.retraces = 0
        self.log: Log | None = None  # of a function that is captured now
        self.elements: Elements | None = None  # of a batch, whose calls are noted now and not run
        self.most_bytes = self.most_calls = -1  # what may wait; from the settings when first needed
        self.mesh: Mesh | None = None
        self.beginning = Prefix(0)  # of tapes for this mesh
        self.beginnings: dict[Mesh | None, Prefix] = {None: self.beginning}
        self.prefixes = 1  # how many there are
        self.is_detailed = is_detailed()
        self.part: int | None = None  # of a model, that is computed again in the backward: calls belong to it now
        self.part_depth = 0
        self.strangers: dict[tuple[CodeType | None, int], int] = {}  # new traces, by the line of the last call
        self._clear()

    def _clear(self) -> None:
        self.serial = next(_serials)
        if self.prefixes > MAX_PREFIXES:
            self._forget()
        if self.is_detailed is not is_detailed():  # what is known says more of its lines than is wanted, or less
            self.is_detailed = is_detailed()
            self._forget(everything=True)
        self.at = self.beginning
        self.calls: list[Call] = []
        self.recalled: list[Recalled] = []  # calls of earlier tapes, recorded again
        self.recalled_parts: dict[int, int] = {}  # the parts of these, numbered
        self.leaves: list[Lazy] = []  # values that come in as arrays
        self.scalars: list[Any] = []
        self.storages: list[Storage | Alias] = []  # whose values are made here
        self.owners: list[Tensor] = []  # tensors that collect gradients, in order of appearance
        self.numbers: dict[int, int] = {}  # their places there, by identity
        self.overwritten: list[int] = []  # positions of values that were written over, and how many there were then
        self.bytes = 0  # of results that wait
        self.gone = 0  # of those that nobody can see any more, which are not in `bytes`
        self.backwards = 0  # gradients taken here
        self.updates = 0  # steps of optimizers taken here
        self.is_urgent = False  # whether memory is read that somebody else may write
        self.is_last = False  # whether from now on another program does what waits
        self.is_watched = False  # whether Python wants to see the gradient of a value made here
        self.part_start = 0  # the first call of the part
        if self.part is not None:
            self._mark_part()

    def move(self, mesh: Mesh | None) -> None:
        """Programs are for another mesh from now on, or for none; what waits runs before."""
        with self.lock:
            self.flush(cause=PLACE)
            self.mesh = mesh
            if mesh not in self.beginnings:
                self.beginnings[mesh] = Prefix(0)
                self.prefixes += 1
            self.beginning = self.beginnings[mesh]
            self._clear()

    def renew(self, change: Callable[[], object]) -> None:
        """Makes a change that programs are compiled for: what waits runs before, and all else is compiled anew."""
        with self.lock:
            self.flush(cause=CHANGE)
            change()
            self._forget(everything=True)
            self._clear()

    # -- parts of a model that keep nothing within, and are computed again when their gradient is ----

    def begin_part(self) -> None:
        """What is called from here on belongs to a part. Parts within one belong to it."""
        with self.lock:
            self.part_depth += 1
            if self.part_depth == 1:
                self.part, self.part_start = next(_parts), len(self.calls)
                self._mark_part()
        if self.log is not None:
            self.log.parted(begins=True)

    def end_part(self) -> None:
        """The part is over."""
        with self.lock:
            self.part_depth -= 1
            if self.part_depth == 0:
                self._note_part()
                self.part = None
                self._mark_part()
        if self.log is not None:
            self.log.parted(begins=False)

    def _note_part(self) -> None:
        for call in self.calls[self.part_start :]:
            call.part = self.part

    def _mark_part(self) -> None:
        """Tells tapes with other parts apart."""
        key = "part", self.part is not None
        self.at = self.at.following.get(key) or self.grown(key, 0)

    def look(self) -> None:
        """Forgets what was recorded with other parts of locations than are wanted now; later where calls wait."""
        if not self.calls:
            self._clear()

    def _forget(self, *, everything: bool = False) -> None:
        """Makes room for new prefixes: keeps those that lead to what was compiled, or ran again; if these are many too,
        none."""
        self.strangers.clear()
        known = [key for key, trace in self.traces.items() if trace.variants or trace.runs > 1]
        self.prefixes = keep([*self.beginnings.values(), *(key[0] for key in known)])
        if everything or self.prefixes > MAX_PREFIXES // 2:
            keep([])
            self.beginning, self.prefixes = Prefix(0), 1
            self.beginnings = {self.mesh: self.beginning}
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
        if self.elements is not None:
            self.elements.capture(lazy)
        elif lazy.array is None:
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
            prefix.place = like.place
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
        prefix.place = user_location() if is_detailed() else None

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
        if call.part is not None:
            key = (*key, self.recalled_parts.setdefault(call.part, len(self.recalled_parts)))
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
            if call.serial == self.serial:  # recorded again for another of its results
                start = next(recalled.start for recalled in self.recalled if recalled.call is call)
                current.serial, current.position = self.serial, start + current.number
            else:
                self.recall(call, [current])
            pending.pop()

    def is_full(self) -> bool:
        """Whether so much waits that it should run now."""
        if self.most_calls < 0:
            current = settings()
            self.most_bytes, self.most_calls = current.pending_bytes, current.pending_calls
        if self.bytes > self.most_bytes:
            held = self._held()
            self.gone += self.bytes - held
            self.bytes = held
            if 4 * held > 3 * self.most_bytes or self.gone > MAX_GONE * self.most_bytes:
                return True
        return self.is_urgent or len(self.calls) > self.most_calls

    def _held(self) -> int:
        """Bytes of the results that somebody else refers to, or that a gradient may need: others can be computed
        without ever being there as a whole."""
        held = sum([call.prefix.bytes for call in self.calls if call.prefix.tracked])
        storages = self.storages
        for place in range(len(storages)):
            storage = storages[place]
            lazy = storage.lazy
            if lazy and lazy.array is None and lazy.call is not None and sys.getrefcount(storage) > ALONE:
                held += 0 if lazy.call.prefix.tracked else lazy.kind.bytes
        return held

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
                if self.elements is not None:
                    return self.elements.value(lazy)
                if lazy.array is None:
                    if lazy.serial != self.serial:
                        self._again(lazy)
                    self.flush(lazy)
        return lazy.array

    def flush(self, also: Lazy | None = None, cause: str = READ) -> None:
        """Runs what waits. Afterwards every value that a tensor shows, and `also`, is an array."""
        with self.lock:
            if (self.calls or self.recalled) and self.elements is None:
                begin, retraces, calls = perf_counter(), self.retraces, len(self.calls) + len(self.recalled)
                current = settings()
                self._run(also, current)
                note(cause, calls, perf_counter() - begin, self.retraces > retraces, current.log)

    def _run(self, also: Lazy | None, current: Settings) -> None:
        if self.part is not None:
            self._note_part()
        outputs = self._outputs(also)
        calls = [*[recalled.call for recalled in self.recalled], *self.calls] if self.recalled else self.calls
        freed = tuple([call.freed for call in calls])
        places = None if self.mesh is None else places_of(self.storages, outputs)
        key = (self.at, tuple([lazy.position for lazy in outputs]), freed, places)
        trace = self.traces.get(key)
        if trace is None:
            self.retraces += 1
            if "retrace" in current.log:
                note_trace(calls)
            trials = self._trials(calls, current)
            kept = kept_of(calls, outputs, self.serial)
            known = [*outputs, *(calls[number].inputs[place] for number, place in kept)]
            uses = uses_of(calls, self.leaves, known, self.serial)
            trace = self.traces[key] = Trace(kept, released_of(calls), uses, trials)
            while len(self.traces) > MAX_PROGRAMS:
                self.traces.popitem(last=False)
        outputs.extend([calls[number].inputs[place] for number, place in trace.kept])
        released = [calls[number] for number in trace.released]
        scalars = tuple(self.scalars)
        variant = trace.fitting(scalars)
        if (variant is None or current.compile_after is not None) and trace.is_tried(current, is_last=self.is_last):
            stepping = self._stepping()
            if stepping is not None:
                trace.runs += 1
                trace.tried = scalars
                leaves, count = self.leaves, self.at.count
                self._clear()
                self._stepped(stepping, released, leaves, outputs, count, current)
                return
            trace.trials = 0
        if variant is None:
            variant = self._lowered(trace, scalars, outputs, places, current)
        leaves, count, recalled, own = self.leaves, self.at.count, self.recalled, self.calls
        self._clear()
        if current.backend == "jax" and self.mesh is None:
            bring(staying_of(trace.uses, leaves))
        arguments = [lazy.array for lazy in leaves]
        donated = donated_of(trace.uses, leaves)
        if variant.varying:
            arguments.extend([np.asarray(scalars[place]) for place in sorted(variant.varying)])
        executable = variant.executable(current.backend, donated)
        # Should this raise, nothing is lost: no argument was overwritten, and what does not fail is computed.
        try:
            if donated and current.backend == "numpy" and set(map(type, arguments)) == {np.ndarray}:
                arrays = executable.run_owned(arguments)
            else:
                arrays = executable.run(arguments)
        except DiptychError as error:
            try:
                stepping = Stepping(recalled, own, leaves)
            except NotStepped:
                raise located(error) from error
            if variant.function.has_effect:
                raise located(error) from error
            self._stepped(stepping, released, leaves, outputs, count, current)
            raise located(error) from error
        for place in executable.donate:
            leaves[place].array = None
        _settle(released, outputs, arrays)
        self.flushes += 1

    def _trials(self, calls: Sequence[Call], current: Settings) -> int:
        """How often a new trace is to run call by call."""
        place = calls[-1].prefix.code, calls[-1].prefix.instruction
        self.strangers[place] = strangers = self.strangers.get(place, 0) + 1
        if self.mesh is not None or any(call.part is not None for call in calls):  # which only programs heed
            return 0
        return trials_of(len(calls), self.bytes + self.gone, strangers, current.backend)

    def _stepping(self) -> Stepping | None:
        """What runs call by call all that waits, as fits what may never come again; None where it cannot."""
        with paused_collections():
            try:
                return Stepping(self.recalled, self.calls, self.leaves)
            except NotStepped:
                return None

    def _stepped(
        self,
        stepping: Stepping,
        released: Sequence[Call],
        leaves: Sequence[Lazy],
        outputs: Sequence[Lazy],
        count: int,
        current: Settings,
    ) -> None:
        """Runs call by call what waited. Where that fails, what does not depend on what failed is there all the same,
        and what does can be asked for again."""
        arrays = stepping.run(leaves, outputs, count)
        if stepping.error is not None:
            for lazy, array in zip(outputs, arrays, strict=True):
                lazy.array = array
            raise located(stepping.error) from stepping.error
        _settle(released, outputs, on_device(arrays) if current.backend == "jax" else arrays)
        self.flushes += 1

    def _outputs(self, also: Lazy | None) -> list[Lazy]:
        """The values to compute: those of storages that somebody else still refers to."""
        outputs: dict[Lazy, None] = {}
        storages, serial = self.storages, self.serial
        for place in range(len(storages)):
            storage = storages[place]
            lazy = storage.lazy
            if lazy and lazy.array is None and lazy.serial == serial and sys.getrefcount(storage) > ALONE:
                outputs[lazy] = None
        if also is not None:
            outputs[also] = None
        return list(outputs)

    def _lowered(
        self,
        trace: Trace,
        scalars: tuple[Any, ...],
        outputs: Sequence[Lazy],
        places: Sequence[str | None] | None,
        current: Settings,
    ) -> Variant:
        """Lowers the tape. Numbers that differ from the last time become arguments from now on."""
        changed = trace.changed(scalars)
        if trace.variants or changed:
            self.retraces += 1
        if changed and "retrace" in current.log:
            note_numbers([(before, scalars[place]) for place, before in changed.items()])
        varying = frozenset(changed).union(trace.variants[-1].varying if trace.variants else ())
        if current.bucket is not None:  # numbers may be sizes
            varying = frozenset(range(len(scalars)))
        with paused_collections():
            function = lower(self, outputs, scalars, varying, places or ())
        variant = Variant(function, scalars, varying)
        trace.variants.append(variant)
        del trace.variants[:-2]
        return variant


def bring(lazies: Sequence[Lazy]) -> None:
    """Has values of the host's be on jax's device from now on."""
    if lazies:
        for lazy, array in zip(lazies, on_device([lazy.array for lazy in lazies]), strict=True):
            lazy.array = array


def located(error: DiptychError) -> DiptychError:
    """An error of a run, as PyTorch's class where it is a call that failed."""
    if error.location is None:
        return error
    return TensorError(error.message, location=error.location, hint=error.hint)


def _settle(released: Sequence[Call], outputs: Sequence[Lazy], arrays: Sequence[Any]) -> None:
    """Gives values their arrays, and lets go of what nobody needs any more."""
    for lazy, array in zip(outputs, arrays, strict=True):
        lazy.array = array
        if lazy.call is not None and not lazy.call.prefix.tracked:
            lazy.call = None
    for call in released:
        call.release()


tape = Tape()
detail_listeners.append(tape.look)


def refused(reason: str) -> None:
    """Tells the log of a function that is captured now, if any is, what cannot be done again."""
    if tape.log is not None:
        tape.log.refuse(reason)


# A process that is forked finds the tape whole, and free.
os.register_at_fork(before=tape.lock.acquire, after_in_parent=tape.lock.release, after_in_child=tape.lock.release)

"""The tape: calls that wait to be run. Reading a value, or too much waiting, runs them all as one program.

The tape stands at a prefix that says all about the structure of its calls. A tape that ends where one did before, with
the same results wanted, runs at once; only a new one is lowered to equations and compiled.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import numpy as np
from diptych.backends.collecting import paused_collections
from diptych.backends.jax import on_device
from diptych.backends.mesh import Mesh
from diptych.backends.settings import Settings, settings
from diptych.ir import DiptychError
from diptych.ir.location import detail_listeners

from .ahead import Round, is_light
from .lazy import Call, Lazy
from .lowering import lower
from .operation import Operation, TensorError
from .places import places_of
from .prefixes import Prefix
from .recorder import Recorder
from .residence import bring, staying_of
from .stepping import NotStepped, Stepping
from .syncs import BEGIN, CHANGE, GRADIENT, PLACE, READ, STEP, note, note_numbers, note_trace
from .traces import ALONE, Trace, Variant, donated_of, kept_of, released_of, trials_of, trials_of_making, uses_of

MAX_PROGRAMS = 1024  # traces kept
MAX_GONE = 8  # times the bytes that may wait: so many results may wait that nobody can see


class Tape(Recorder):
    """The calls that wait, and how they run."""

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
                self._run(also, current, cause)
                note(cause, calls, perf_counter() - begin, self.retraces > retraces, current.log)

    def _run(self, also: Lazy | None, current: Settings, cause: str) -> None:
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
            trials = self._trials(calls, current, cause)
            kept = kept_of(calls, outputs, self.serial)
            known = [*outputs, *(calls[number].inputs[place] for number, place in kept)]
            uses = uses_of(calls, self.leaves, known, self.serial)
            moving = self._moving()
            trace = self.traces[key] = Trace(kept, released_of(calls), uses, trials, self.flushes, moving)
            while len(self.traces) > MAX_PROGRAMS:
                self.traces.popitem(last=False)
        outputs.extend([calls[number].inputs[place] for number, place in trace.kept])
        released = [calls[number] for number in trace.released]
        scalars = tuple(self.scalars)
        variant = trace.fitting(scalars)
        if (variant is None or current.compile_after is not None) and trace.is_tried(
            current, self.flushes, is_last=self.is_last
        ):
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
        end, leaves, recalled, own, foretold = self.at, self.leaves, self.recalled, self.calls, self.foretold
        numbers = [scalars[place] for place in variant.places]
        self._clear()
        ahead, arrays = self.ahead, None
        is_on_jax = current.backend == "jax" and self.mesh is None
        if is_on_jax and trace.is_light is None:
            trace.is_light = bool(cause is READ or ahead.rounds) and is_light(variant.function, leaves, outputs)
        is_light_now = is_on_jax and trace.is_light
        if is_light_now:
            arrays = ahead.taken(trace, variant, leaves, numbers, current)
        elif ahead.rounds:
            ahead.forget()  # references to values that may be overwritten
        was_ahead = arrays is not None
        if is_on_jax:
            bring(staying_of(trace.uses, leaves))
        arguments = [lazy.array for lazy in leaves]
        donated = () if is_light_now else donated_of(trace.uses, leaves)
        executable = variant.executable(current.backend, donated, current.bucket)
        # Should this raise, nothing is lost: no argument was overwritten, and what does not fail is computed.
        try:
            if not was_ahead:
                arrays = _ran(executable, [*arguments, *map(np.asarray, numbers)])
        except DiptychError as error:
            try:
                stepping = Stepping(recalled, own, leaves)
            except NotStepped:
                raise located(error) from error
            if variant.function.has_effect:
                raise located(error) from error
            self._stepped(stepping, released, leaves, outputs, end.count, current)
            raise located(error) from error
        for place in executable.donate:
            leaves[place].array = None
        _settle(released, outputs, arrays)
        if is_light_now:
            this = Round(trace, variant, executable, leaves, numbers, foretold, outputs, cause is READ)
            ahead.note(this, end, current, was_ahead=was_ahead)
        self.flushes += 1

    def _moving(self) -> frozenset[int]:
        """The places of numbers that change from step to step."""
        found: set[int] = set()
        for call in self.calls:
            template: Any = call.template
            operation: Operation | None = getattr(template, "operation", None)
            if operation is not None and operation.counts:
                names = enumerate(template.attributes[1], call.prefix.first)
                found.update(place for place, name in names if name in operation.counts)
        return frozenset(found)

    def _trials(self, calls: Sequence[Call], current: Settings, cause: str) -> int:
        """How often a new trace is to run call by call."""
        place = calls[-1].prefix.code, calls[-1].prefix.instruction
        self.strangers[place] = strangers = self.strangers.get(place, 0) + 1
        has_parts = any(call.part is not None for call in calls)
        if self.mesh is not None or has_parts or self.is_joint():  # which only programs heed
            return 0
        size = self.bytes + self.gone
        if cause is BEGIN and current.backend == "jax" and not any(call.prefix.tracked for call in calls):
            return trials_of_making(len(calls), size)
        return trials_of(len(calls), size, strangers, current.backend)

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
        varying = frozenset(changed).union(trace.variants[-1].varying if trace.variants else trace.moving)
        if current.bucket is not None:  # numbers may be sizes
            varying = frozenset(range(len(scalars)))
        with paused_collections():
            function = lower(self, outputs, scalars, varying, places or ())
        variant = Variant(function, scalars, varying)
        trace.variants.append(variant)
        del trace.variants[:-2]
        return variant


def _ran(executable: Any, arguments: list[Any]) -> Sequence[Any]:
    """What a program makes of arguments. Those that it overwrites are nobody else's."""
    if executable.donate and executable.backend == "numpy" and set(map(type, arguments)) == {np.ndarray}:
        return executable.run_owned(arguments)
    return executable.run(arguments)


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


def forked() -> None:
    """A process that was forked begins. It finds the tape whole, and free; what ran ahead does not go on there."""
    tape.ahead.forget()
    tape.lock.release()


os.register_at_fork(before=tape.lock.acquire, after_in_parent=tape.lock.release, after_in_child=forked)

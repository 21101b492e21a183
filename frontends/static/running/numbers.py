"""Programs of a run: what can be computed without the host, compiled for every set of shapes that comes."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from time import perf_counter
from typing import Any

import numpy as np
from diptych.backends.collecting import paused_collections
from diptych.backends.joining import meet_for_parts
from diptych.backends.processes import Ended, Left, Uneven
from diptych.backends.settings import settings
from diptych.ir import DiptychError, MemoryBudgetExceeded, Shape, Unsupported

from ..graphs.errors import InvalidArgumentError, OpError, OverBudget, UnavailableError
from ..graphs.graph import Graph
from ..graphs.operation import Operation, OperationLocation
from ..graphs.site import UnknownValue
from ..graphs.strings import RunStrings
from ..graphs.tensor import Tensor
from .feeds import Feed
from .host import as_fetched
from .lowering import LoweredRun, lower
from .marks import as_marked
from .open_runs import OpenRuns
from .parts import Parts
from .program import Program, is_text
from .site import Measured, NeedsHost, NeedsNumbers, Told, Undetermined
from .state import State
from .together import EndedTogether, is_together

Array = np.ndarray[Any, Any]

MAX_KEPT = 512  # programs for sets of shapes and for elements each; the oldest goes first


class Numbers:
    """What programs compute of a run, with a program for every set of shapes that it met. `inputs` are the tensors that
    are given, `done` the operations that are left to the host.

    Sizes may be made of what the run computes. Then a run measures first: another one, which does not commit, computes
    those tensors and counts and leaves the state, random streams included, as it was.
    """

    def __init__(
        self,
        graph: Graph,
        targets: Sequence[Measured | Operation],
        inputs: Sequence[Feed],
        state: State,
        *,
        done: Collection[Operation] = (),
        commits: bool = True,
        measured_for: Numbers | None = None,
        are_whole: bool = False,
    ) -> None:
        self._graph = graph
        self._targets = targets
        self._inputs = inputs
        self._state = state
        self._done = done
        self._commits = commits
        self._measures = measured_for is not None  # also what the other processes have a part of
        self._are_whole = are_whole  # the inputs, of which each of several processes has its part otherwise
        self._parts = None if self._measures or are_whole else Parts(targets, inputs, done)
        self._measured_for = measured_for
        self._of_wholes: Numbers | None = None  # the same, of inputs that were brought together
        self._measuring: dict[Measured, Numbers] = {}
        numbers = {feed.tensor: number for number, feed in enumerate(inputs)}
        self._tensors = [target for target in targets if not isinstance(target, Operation)]
        self._given = [(place, numbers[tensor]) for place, tensor in enumerate(self._tensors) if tensor in numbers]
        self._texts = [place for place, feed in enumerate(inputs) if is_text(feed.tensor)]
        self._text_results = [place for place, tensor in enumerate(self._tensors) if is_text(tensor)]
        self._variants: dict[Any, _Variants] = {}  # by the shapes of the inputs
        self._last: _Last | None = None
        self._open = OpenRuns(self._opened)

    @cached_property
    def _name(self) -> str:
        """What tells the runs of several processes apart; nothing where the inputs are whole already."""
        if self._are_whole:
            return ""
        if self._measured_for is not None:
            return self._measured_for._name
        return blake2b("\n".join(each.name for each in self._targets).encode(), digest_size=8).hexdigest()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to compute."""
        return not self._targets

    def values(self, known: Mapping[Tensor, Any]) -> dict[Tensor, Any]:
        """The tensors among the targets, of inputs as far as they are known."""
        if not self._targets:
            return {}
        arrays = [known.get(feed.tensor, _NOTHING) for feed in self._inputs]
        return dict(zip(self._tensors, self._with_strings(arrays), strict=True))

    def run(self, arrays: Sequence[Array]) -> list[Any]:
        """The tensors among the targets, in order, scalars as what TensorFlow gives for them."""
        if not self._texts and not self._text_results:
            return self._run(arrays, RunStrings(together=is_together()))
        found = self._with_strings(arrays)
        for place in self._text_results:
            found[place] = as_fetched(found[place])
        return found

    def run_again(self, arrays: Sequence[Array]) -> list[Any] | None:
        """What `run` gives, as the backend has it, which may be computed still; None where this run may differ from the
        last one in more than its numbers."""
        last = self._last
        if last is None or last.program.version != self._state.version:
            return None
        if last.shapes != tuple([array.shape for array in arrays]):
            return None
        try:
            return self._run_closed(last.program, arrays, _NO_STRINGS)
        except Uneven:
            if self._parts is None:
                raise
            return self._run_joined(self._parts, arrays, _NO_STRINGS)

    def _with_strings(self, arrays: Sequence[Array]) -> list[Any]:
        strings = RunStrings(together=is_together())
        if self._texts:
            arrays = list(arrays)
            for place in self._texts:
                if arrays[place] is not _NOTHING:
                    arrays[place] = as_marked(strings.numbers(arrays[place]), arrays[place])
        found = self._run(arrays, strings)
        for place in self._text_results:
            found[place] = strings.strings(found[place])
        return found

    def _run(
        self, arrays: Sequence[Array], strings: RunStrings, known: Mapping[Measured, Array] | None = None
    ) -> list[Any]:
        """The tensors among the targets, with numbers for strings, of inputs like that. What was measured for this run
        already is `known`."""
        if self._parts is None or not is_together():
            return self._run_given(arrays, strings, known)
        is_odd = self._parts.are_odd(arrays)
        if not is_odd:
            with suppress(Uneven):
                return self._run_given(arrays, strings, known)
        return self._run_joined(self._parts, arrays, strings, is_first=is_odd)

    def _run_joined(
        self, parts: Parts, arrays: Sequence[Array], strings: RunStrings, *, is_first: bool = False
    ) -> list[Any]:
        """The same, where the parts of a batch cannot be split over the devices: each process computes it as a whole,
        and is given its own rows of what has as many. `is_first` where the others may not know of it yet."""
        try:
            if is_first:
                meet_for_parts(self._name)
            whole = parts.whole(arrays)
        except DiptychError as error:
            raise self._described(error) from error
        if self._of_wholes is None:
            self._of_wholes = Numbers(
                self._graph, self._targets, self._inputs, self._state, done=self._done, commits=self._commits,
                are_whole=True,
            )  # fmt: skip
        found = self._of_wholes._run(whole.arrays, strings)
        for place, number in self._given:
            found[place] = arrays[number]
        given = {place for place, _ in self._given}
        return [
            each[whole.own[len(each)]] if place not in given and _has_rows(tensor, each, whole.own) else each
            for place, (tensor, each) in enumerate(zip(self._tensors, found, strict=True))
        ]

    def _run_given(
        self, arrays: Sequence[Array], strings: RunStrings, known: Mapping[Measured, Array] | None
    ) -> list[Any]:
        """The same, of inputs that are split as they come."""
        shapes = tuple([array.shape for array in arrays])
        variants = self._variants.get(shapes)
        program = None
        measured: dict[Measured, Array] = dict(known) if known else {}
        if variants is not None:
            for source in variants.measured:
                if source not in measured:
                    measured[source] = self._measured(source, arrays, strings, measured)
            program = variants.find(arrays, measured, self._state)
        found = None
        if program is None:
            program, found = self._run_open(arrays, strings)
        if program is None:
            try:
                program = self._lowered(arrays, strings, shapes, measured)
            except MemoryBudgetExceeded as error:
                raise self._described(error) from error
        if found is None:
            found = self._run_closed(program, arrays, strings)
        found = [as_fetched(value) for value in found]
        self._last = self._lasting(program, shapes)
        for place, value in program.run.unwritten:
            found.insert(place, value)
        for place, number in self._given:
            found.insert(place, arrays[number])
        return found

    def _lasting(self, program: Program, shapes: Any) -> _Last | None:
        """What a run needs that is as this one in all but its numbers, where shapes alone decide that and the program
        gives all that is wanted."""
        variants = self._variants.get(shapes)
        if variants is None or not variants.is_single or variants.programs.get(None) is not program:
            return None
        if self._given or program.run.unwritten or self._texts or self._text_results:
            return None
        if self._last is not None and self._last.program is program:
            return self._last
        return _Last(program, shapes)

    def _run_open(self, arrays: Sequence[Array], strings: RunStrings) -> tuple[Program | None, list[Any] | None]:
        """The program for changing sizes and what it gives, where there is one. Sizes that do not fit go wrong wherever
        they meet: the program for them alone is to say what is wrong."""
        program = self._open.find(arrays, self._state)
        with suppress(DiptychError):
            return program, program and program(arrays, self._state, strings)
        return None, None

    def _run_closed(self, program: Program, arrays: Sequence[Array], strings: RunStrings) -> list[Any]:
        try:
            return program(arrays, self._state, strings)
        except (OpError, Uneven):
            raise
        except DiptychError as error:
            raise self._described(error) from error

    def _described(self, error: DiptychError) -> OpError:
        """An error of a backend, or what another process is about to do, as one of tf, with the operation of this graph
        that it came from, where it tells."""
        if isinstance(error, Ended):
            return EndedTogether(None, None, error.message)
        if isinstance(error, Left):
            return UnavailableError(None, None, error.message)
        place = error.location
        operation = place.operation if isinstance(place, OperationLocation) else None
        if isinstance(error, MemoryBudgetExceeded):
            return OverBudget(operation, error)
        if operation is None or operation.graph is not self._graph:
            return InvalidArgumentError(None, None, str(error))
        return InvalidArgumentError(operation.node_def, operation, error.message, hint=error.hint)

    def _measured(
        self, source: Measured, arrays: Sequence[Array], strings: RunStrings, known: Mapping[Measured, Array]
    ) -> Array:
        """The elements that this run is going to compute for a tensor or count."""
        found = self._measuring.get(source)
        if found is None:
            found = self._measuring[source] = Numbers(
                self._graph, [source], self._inputs, self._state, done=self._done, commits=False, measured_for=self,
                are_whole=self._are_whole,
            )  # fmt: skip
        begin = perf_counter()
        elements = np.asarray(found._run(arrays, strings, known)[0])
        if "sync" in settings().log:
            operation = source.op if isinstance(source, Tensor) else source.operation
            place = "" if operation.location is None else f", {operation.location.described()}"
            took = f"{(perf_counter() - begin) * 1e3:.2f} ms"
            print(f"diptych: sync: {source.name} is computed in {took} before its run{place}", file=sys.stderr)
        return elements

    def _opened(self, arrays: Sequence[Array], shapes: Sequence[Shape | None]) -> Program | None:
        """A program for inputs of these shapes, in which sizes have names; None where sizes must be known."""
        if is_together():
            self._not_filled(Unsupported("each of several processes feeds its part of what is on a mesh"))
            return None
        given, named = {}, {}
        for feed, array, shape in zip(self._inputs, arrays, shapes, strict=True):
            if shape is not None:
                feed.check(array)
                given[feed.tensor], named[feed.tensor] = array, shape
        try:
            run = lower(self._targets, given, self._state.type_of, done=self._done, effects=self._commits, shapes=named)
        except NeedsNumbers:
            return None
        except (DiptychError, OpError, UnknownValue, Undetermined, NeedsHost, Told) as error:
            self._not_filled(error)
            return None  # whatever it is, the run is tried again for these very sizes
        if run.elements or run.flags or run.unwritten or not run.function.names():
            return None
        try:
            return Program(run, self._state, commits=self._commits)
        except Unsupported as refusal:
            if settings().bucket is None:
                raise
            self._not_filled(refusal)
            return None

    @staticmethod
    def _not_filled(reason: Exception) -> None:
        """Tells whoever asks for filled batches why this program has none."""
        if settings().bucket is not None:
            warnings.warn(f"bucket: batches are not filled up: {reason}", stacklevel=2)

    def _lowered(
        self, arrays: Sequence[Array], strings: RunStrings, shapes: Any, measured: dict[Measured, Array]
    ) -> Program:
        given: dict[Tensor, Array] = {}
        for feed, array in zip(self._inputs, arrays, strict=True):
            if array is not _NOTHING:
                feed.check(array)
                given[feed.tensor] = array
        begin = perf_counter()
        program: Program | None = None
        while program is None:
            try:
                program = self._compiled(given, measured)
            except Undetermined as missing:
                measured[missing.source] = self._measured(missing.source, arrays, strings, measured)
        lowered = program.run
        if self._parts is not None:
            for number, parameter in zip(lowered.feeds, lowered.function.parameters, strict=False):
                if parameter.shape != arrays[number].shape:
                    self._parts.note(number)
        self._open.compiled(perf_counter() - begin)
        variants = self._variants.get(shapes)
        if variants is None or not variants.covers(lowered):
            elements = set(lowered.elements) | set(variants.elements if variants else ())
            flags = dict.fromkeys([*lowered.flags, *(variants.flags if variants else ())])
            sources = dict.fromkeys([*lowered.measured, *(variants.measured if variants else ())])
            variants = self._variants[shapes] = _Variants(sorted(elements), list(flags), list(sources))
            _forget(self._variants)
        variants.programs[variants.key(arrays, measured, self._state)] = program
        _forget(variants.programs)
        return program

    def _compiled(self, given: Mapping[Tensor, Array], measured: Mapping[Measured, Array]) -> Program:
        """The program for these inputs. Raises Undetermined where something is to be measured first."""
        kind = self._state.type_of
        with paused_collections():
            run = lower(
                self._targets, given, kind, measured=measured, done=self._done, effects=self._commits,
                are_whole=self._are_whole,
            )  # fmt: skip
            return Program(
                run, self._state, commits=self._commits, is_whole=self._measures or self._are_whole,
                name=self._name if is_together() else "",
            )  # fmt: skip


def _has_rows(tensor: Measured, value: Any, own: Mapping[int, slice]) -> bool:
    """Whether a result has a row for each of a batch: as many, where the tensor does not say how many."""
    if not isinstance(tensor, Tensor) or not isinstance(value, np.ndarray) or not value.ndim or len(value) not in own:
        return False
    return tensor._dims is None or tensor._dims[0] is None


class _Nothing:
    """In place of an input that is not there yet."""

    shape = None


_NOTHING: Any = _Nothing()
_NO_STRINGS = RunStrings()  # of a run without any


def _forget(kept: dict[Any, Any]) -> None:
    """Drops the oldest entry of too many: each holds memory of its own."""
    if len(kept) > MAX_KEPT:
        del kept[next(iter(kept))]


@dataclass(frozen=True, slots=True)
class _Last:
    """A program, which runs with inputs of these shapes as long as the state is of the same types."""

    program: Program
    shapes: tuple[Any, ...]


class _Variants:
    """The programs for one set of shapes: by the elements of some feeds and of what is `measured`, and by which
    variables have values."""

    def __init__(self, elements: Sequence[int], flags: Sequence[Operation], measured: Sequence[Measured]) -> None:
        self.elements = elements
        self.flags = flags
        self.measured = measured
        self.is_single = not (elements or flags or measured)
        self.programs: dict[Any, Program] = {}

    def covers(self, run: LoweredRun) -> bool:
        """Whether keys made here tell apart all that `run` depends on."""
        return (
            set(run.elements) <= set(self.elements)
            and set(run.flags) <= set(self.flags)
            and set(run.measured) <= set(self.measured)
        )

    def key(self, arrays: Sequence[Array], measured: Mapping[Measured, Array], state: State) -> Any:
        if self.is_single:
            return None
        return (
            *(arrays[number].tobytes() for number in self.elements),
            *(("variable", slot) in state.types for slot in self.flags),
            *((measured[source].shape, measured[source].tobytes()) for source in self.measured),
        )

    def find(self, arrays: Sequence[Array], measured: Mapping[Measured, Array], state: State) -> Program | None:
        """The program that fits, if there is one."""
        program = self.programs.get(self.key(arrays, measured, state))
        return program if program is not None and program.fits(state) else None

"""Programs of a run: what can be computed without the host, compiled for every set of shapes that comes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from diptych import backends
from diptych.ir import DiptychError

from ..graphs.dtypes import string
from ..graphs.errors import InvalidArgumentError, OpError
from ..graphs.graph import Graph
from ..graphs.operation import Operation, OperationLocation
from ..graphs.strings import RunStrings
from ..graphs.tensor import Tensor
from .feeds import Feed
from .host import as_fetched
from .lowering import LoweredRun, lower
from .site import Measured, Undetermined
from .state import State

Array = np.ndarray[Any, Any]

MAX_KEPT = 512  # programs for sets of shapes and for elements each; the oldest goes first


class Program:
    """A lowered run, compiled, and where its arguments and results belong."""

    __slots__ = ("_count", "_executable", "_feeds", "_texts", "_types", "reads", "run", "version", "writes")

    def __init__(self, run: LoweredRun, state: State, *, commits: bool = True) -> None:
        self.run = run
        self.reads = run.reads
        self.writes = run.writes if commits else ()
        self._feeds = run.feeds
        self._count = len(run.fetches) - len(run.unwritten)
        self._types = [state.types[key] for key in run.reads]
        written = set(self.writes)
        donated = [len(run.feeds) + place for place, key in enumerate(run.reads) if key in written]
        self._executable = backends.compile(run.function, donate=donated)
        self._texts = [key for key in self.writes if key[0] == "variable" and _is_text(key[1].outputs[0])]
        self.version = state.version

    def fits(self, state: State) -> bool:
        """Whether the state still has the types that the program was made for."""
        if self.version != state.version:
            if [state.types.get(key) for key in self.reads] != self._types:
                return False
            self.version = state.version
        return True

    def __call__(self, arrays: Sequence[Array], state: State, strings: RunStrings) -> list[Any]:
        """Runs on what is fed and on the state, which it changes; the values fetched."""
        held = state.arrays
        arguments = [arrays[place] for place in self._feeds]
        if self._executable.backend == "jax":  # which may read them behind this call, when the caller writes them again
            arguments = [array.copy() for array in arguments]
        arguments += [held[key] for key in self.reads]
        results = self._executable(*arguments)
        count = self._count
        for key, array in zip(self.writes, results[count:], strict=False):  # without writes, they are left alone
            state.put(key, strings.kept(array) if key in self._texts else array)
        return list(results[:count])


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
    ) -> None:
        self._graph = graph
        self._targets = targets
        self._inputs = inputs
        self._state = state
        self._done = done
        self._commits = commits
        self._measuring: dict[Measured, Numbers] = {}
        numbers = {feed.tensor: number for number, feed in enumerate(inputs)}
        self._tensors = [target for target in targets if not isinstance(target, Operation)]
        self._given = [(place, numbers[tensor]) for place, tensor in enumerate(self._tensors) if tensor in numbers]
        self._texts = [place for place, feed in enumerate(inputs) if _is_text(feed.tensor)]
        self._text_results = [place for place, tensor in enumerate(self._tensors) if _is_text(tensor)]
        self._variants: dict[Any, _Variants] = {}  # by the shapes of the inputs

    def values(self, known: Mapping[Tensor, Any]) -> dict[Tensor, Any]:
        """The tensors among the targets, of inputs as far as they are known."""
        if not self._targets:
            return {}
        arrays = [known.get(feed.tensor, _NOTHING) for feed in self._inputs]
        return dict(zip(self._tensors, self._with_strings(arrays), strict=True))

    def run(self, arrays: Sequence[Array]) -> list[Any]:
        """The tensors among the targets, in order, scalars as what TensorFlow gives for them."""
        found = self._with_strings(arrays)
        for place in self._text_results:
            found[place] = as_fetched(found[place])
        return found

    def _with_strings(self, arrays: Sequence[Array]) -> list[Any]:
        strings = RunStrings()
        if self._texts:
            arrays = list(arrays)
            for place in self._texts:
                if arrays[place] is not _NOTHING:
                    arrays[place] = strings.numbers(arrays[place])
        found = self._run(arrays, strings)
        for place in self._text_results:
            found[place] = strings.strings(found[place])
        return found

    def _run(
        self, arrays: Sequence[Array], strings: RunStrings, known: Mapping[Measured, Array] | None = None
    ) -> list[Any]:
        """The tensors among the targets, with numbers for strings, of inputs like that. What was measured for this run
        already is `known`."""
        shapes = tuple([array.shape for array in arrays])
        variants = self._variants.get(shapes)
        program = None
        measured: dict[Measured, Array] = dict(known) if known else {}
        if variants is not None:
            for source in variants.measured:
                if source not in measured:
                    measured[source] = self._measured(source, arrays, strings, measured)
            program = variants.find(arrays, measured, self._state)
        if program is None:
            program = self._lowered(arrays, strings, shapes, measured)
        try:
            found = [as_fetched(result) for result in program(arrays, self._state, strings)]
        except OpError:
            raise
        except DiptychError as error:
            raise self._described(error) from error
        for place, value in program.run.unwritten:
            found.insert(place, value)
        for place, number in self._given:
            found.insert(place, arrays[number])
        return found

    def _described(self, error: DiptychError) -> OpError:
        """An error of a backend, with the operation of this graph that it came from, where it tells."""
        place = error.location
        operation = place.operation if isinstance(place, OperationLocation) else None
        if operation is None or operation.graph is not self._graph:
            return InvalidArgumentError(None, None, str(error))
        return InvalidArgumentError(operation.node_def, operation, error.message, hint=error.hint)

    def _measured(
        self, source: Measured, arrays: Sequence[Array], strings: RunStrings, known: Mapping[Measured, Array]
    ) -> Array:
        """The elements that this run is going to compute for a tensor or count."""
        found = self._measuring.get(source)
        if found is None:
            found = Numbers(self._graph, [source], self._inputs, self._state, done=self._done, commits=False)
            self._measuring[source] = found
        return np.asarray(found._run(arrays, strings, known)[0])

    def _lowered(
        self, arrays: Sequence[Array], strings: RunStrings, shapes: Any, measured: dict[Measured, Array]
    ) -> Program:
        given: dict[Tensor, Array] = {}
        for feed, array in zip(self._inputs, arrays, strict=True):
            if array is not _NOTHING:
                feed.check(array)
                given[feed.tensor] = array
        lowered: LoweredRun | None = None
        while lowered is None:
            try:
                lowered = lower(
                    self._targets, given, self._state.type_of, measured=measured, done=self._done, effects=self._commits
                )
            except Undetermined as missing:
                measured[missing.source] = self._measured(missing.source, arrays, strings, measured)
        program = Program(lowered, self._state, commits=self._commits)
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


def _is_text(tensor: Measured) -> bool:
    return isinstance(tensor, Tensor) and tensor.dtype.base_dtype is string


class _Nothing:
    """In place of an input that is not there yet."""

    shape = None


_NOTHING: Any = _Nothing()


def _forget(kept: dict[Any, Any]) -> None:
    """Drops the oldest entry of too many: each holds memory of its own."""
    if len(kept) > MAX_KEPT:
        del kept[next(iter(kept))]


class _Variants:
    """The programs for one set of shapes: by the elements of some feeds and of what is `measured`, and by which
    variables have values."""

    def __init__(self, elements: Sequence[int], flags: Sequence[Operation], measured: Sequence[Measured]) -> None:
        self.elements = elements
        self.flags = flags
        self.measured = measured
        self.programs: dict[Any, Program] = {}

    def covers(self, run: LoweredRun) -> bool:
        """Whether keys made here tell apart all that `run` depends on."""
        return (
            set(run.elements) <= set(self.elements)
            and set(run.flags) <= set(self.flags)
            and set(run.measured) <= set(self.measured)
        )

    def key(self, arrays: Sequence[Array], measured: Mapping[Measured, Array], state: State) -> Any:
        if not self.elements and not self.flags and not self.measured:
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

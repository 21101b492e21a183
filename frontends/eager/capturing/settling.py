"""Finds out what a captured function reads, writes and makes, while its events are done one by one, and makes of them
one program that runs at once. What cannot be told for certain stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych import backends
from diptych.backends.collecting import paused_collections
from diptych.backends.settings import settings
from diptych.ir import Function, Value

from ..autograd.gradients import _backward
from ..func import trees
from ..nn.changing import clear_gradient
from ..optim.optimizer import Optimizer
from ..optim.updating import Updates
from ..tapes.lazy import TRACKED, Lazy, Storage
from ..tapes.lowering import lower
from ..tapes.memory import as_pytorch
from ..tapes.tape import tape
from ..tapes.traces import kept_of
from ..tensors.tensor import Tensor
from .direct import Gradient, Made, Place, Plan, Room, Stream
from .events import Acts, Argument, Calls, Detached, Draws, Event, Given, GradientOf, Held, Reads, Run, Source, Writes
from .events import Made as MadeSource
from .histories import history_of
from .updates import Stepped, is_known

_LARGE = 2**16  # bytes of a result from which on fresh memory costs more than to look whether that of before is free


SETTLED = frozenset(("numpy", "jax"))  # backends that such programs are compiled for


class Unsettled(Exception):
    """What a function does cannot be told to be one program."""


class _Before:
    """A storage from outside as it was before the events: where it is found, and what it showed."""

    def __init__(self, place: Place, storage: Storage) -> None:
        self.place = place
        self.storage = storage
        self.lazy = storage.lazy
        self.versions, self.writes = storage.version, storage.writes


class Settling:
    """Watches one run of the events, on a tape where nothing waits. `plan()` tells what it has seen. Raises Unsettled
    where the events do what is not known here."""

    def __init__(self, events: Sequence[Event], arguments: Sequence[Tensor], constants: Sequence[Lazy]) -> None:
        self.arguments = arguments
        self.constants = {id(lazy): lazy for lazy in constants}
        self.before: dict[int, _Before] = {}  # by the identity of storages
        self.leaves: dict[int, tuple[Tensor, Tensor | None]] = {}  # with the gradients that they had
        self.optimizers: list[tuple[Any, int, int, list[Any]]] = []  # with their calls, and batches
        self.copies: dict[int, Place] = {}  # by the identity of values, where they were copied from
        self.generators: dict[int, tuple[Any, int]] = {}
        self.serial = tape.serial
        for event in events:
            self._look(event)
        for leaf, gradient in list(self.leaves.values()):
            if gradient is not None:
                self._add(leaf, gradient, -1, is_gradient=True)

    def _look(self, event: Event) -> None:
        if isinstance(event, (Reads, Writes)):
            self._source(event.source)
        elif isinstance(event, Calls):
            for leaf in event.leaves or ():
                if leaf is not None:
                    self._leaf(self._tensor(leaf))
        elif isinstance(event, Draws):
            _, counts = self.generators.get(id(event.generator), (None, 0))
            self.generators[id(event.generator)] = event.generator, counts + event.counts
        elif isinstance(event, Acts):
            self._act(event)
        else:
            raise Unsettled

    def _act(self, event: Acts) -> None:
        function, owner = event.function, getattr(event.function, "__self__", None)
        if isinstance(owner, Optimizer) and function.__func__ is Optimizer.zero_grad:
            self._optimizer(owner)
        elif is_known(function, event.arguments, event.options):
            self._optimizer(event.arguments[0])
        elif function is clear_gradient:
            self._leaf(self._tensor(event.arguments[0].source))
        elif function is not _backward or event.arguments[1:] not in (
            (None, None, False, None),
            (None, False, False, None),
        ):
            raise Unsettled

    def _optimizer(self, optimizer: Any) -> None:
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                self._leaf(parameter)
        for state in optimizer.state.values():
            for value in state.values():
                if isinstance(value, Tensor):
                    self._add(value, value, -1)

    def _leaf(self, leaf: Tensor) -> None:
        if leaf._meta is None or leaf._meta.hooks is not None:
            raise Unsettled
        self._add(leaf, leaf, next((n for n, each in enumerate(self.arguments) if each is leaf), -1))
        self.leaves.setdefault(id(leaf), (leaf, leaf._meta.grad))

    def _tensor(self, source: Source) -> Tensor:
        if isinstance(source, Held):
            return source.tensor
        if isinstance(source, Argument):
            return self.arguments[source.place]
        raise Unsettled

    def _source(self, source: Source) -> None:
        while isinstance(source, Detached):
            source = source.source
        if isinstance(source, Argument):
            self._add(None, self.arguments[source.place], source.place)
        elif isinstance(source, Held):
            self._add(source.tensor, source.tensor, -1)
        elif isinstance(source, GradientOf):
            self._leaf(self._tensor(source.leaf))
        else:
            raise Unsettled

    def _add(self, tensor: Tensor | None, shown: Tensor, argument: int, *, is_gradient: bool = False) -> None:
        """Notes a tensor, found as `tensor`, an argument or its gradient, that shows all of its storage."""
        if shown.__class__ is not Tensor and not isinstance(shown, Tensor):
            raise Unsettled
        storage, meta = shown._storage, shown._meta
        if shown._view is not None or shown.is_sparse or id(storage) in self.before:
            return
        needs_gradient = meta is not None and meta.requires_grad
        place = Place(None if argument >= 0 else tensor, argument, is_gradient, storage.lazy.kind, needs_gradient)
        self.before[id(storage)] = _Before(place, storage)

    # -- while the events are done ----

    def read(self, event: Reads, run: Run) -> bool:
        """Reads a tensor; whether it is of the type that it was. Memory that others see is read into a new value."""
        fits = event.fits(run)
        source = event.source
        while isinstance(source, Detached):
            source = source.source
        storage = source.of(run)._storage
        if storage.pinned is not None and id(storage) in self.before:
            self.copies[id(run.slots[event.slot])] = self.before[id(storage)].place
        return fits

    def happen(self, event: Event, run: Run) -> None:
        """Does an event."""
        if isinstance(event, Reads):
            self.read(event, run)
            return
        if not isinstance(event, Acts) or not is_known(event.function, event.arguments, event.options):
            event.happen(run)
            return
        start = len(tape.calls)
        Updates.noted = []
        try:
            event.happen(run)
        finally:
            batches, Updates.noted = Updates.noted, None
        self.optimizers.append((event.arguments[0], start, len(tape.calls), batches))

    # -- afterwards ----

    def scalars(self) -> tuple[Any, ...]:
        """The numbers that calls were made with."""
        return tuple(tape.scalars)

    def plan(self, result: Any, shown: Any, scalars: Sequence[Any], varying: frozenset[int]) -> Plan:
        """What was done, as one program. `result` is what the function returns, with sources for tensors, `shown` the
        same with the tensors; `varying` are places of numbers that change. Raises Unsettled."""
        backend = settings().backend
        if tape.serial != self.serial or tape.recalled or tape.elements is not None or backend not in SETTLED:
            raise Unsettled
        outputs = tape._outputs(None)
        if kept_of(tape.calls, outputs, tape.serial):
            raise Unsettled
        numbers = {lazy: number for number, lazy in enumerate(outputs)}
        places, shows = self._places(numbers)
        gradients = self._gradients(numbers, shows)
        made = self._made(result, shown, numbers, shows)
        if len(shows) != len(outputs):
            raise Unsettled
        parameters, streams = self._parameters(places)
        steps = self._steps(varying, len(parameters))
        with paused_collections():
            function = lower(tape, outputs, scalars, varying)
        donated = [place.parameter for place in places if place.result >= 0 and place.parameter >= 0]
        room: list[Room] = []
        if backend == "numpy":  # jax has memory of its own
            room = _room(outputs, {place.result for place in places}, len(function.parameters))
        spare = [Value(function.results[each.result].type) for each in room]
        function = Function(function.name, (*function.parameters, *spare), function.equations, function.results)
        given = [*donated, *(each.parameter for each in room)]
        with as_pytorch():
            executable = backends.compile(function, backend=backend, donate=given)
        constants = [*parameters, *[None] * (len(varying) + len(room))]
        used = [place for place in places if place.parameter >= 0 or place.result >= 0]
        return Plan(executable, constants, used, gradients, steps, streams, made, room, result, len(tape.calls))

    def _places(self, numbers: dict[Lazy, int]) -> tuple[list[Place], set[int]]:
        shows: set[int] = set()
        for before in self.before.values():
            storage, place = before.storage, before.place
            if storage.edge or (storage.lazy is not before.lazy and storage.pinned is not None):
                raise Unsettled
            if storage.lazy is before.lazy:
                if storage.writes != before.writes or storage.version != before.versions:
                    raise Unsettled
                continue
            place.result = _result(storage.lazy, numbers, shows)
            place.versions, place.writes = storage.version - before.versions, storage.writes - before.writes
        return [before.place for before in self.before.values()], shows

    def _gradients(self, numbers: dict[Lazy, int], shows: set[int]) -> list[Gradient]:
        found: list[Gradient] = []
        for leaf, before in self.leaves.values():
            meta = leaf._meta
            if meta is None or meta.hooks is not None:
                raise Unsettled
            after, kind, result = meta.grad, leaf._storage.lazy.kind, -1
            if after is not None and after is not before:
                if id(after._storage) in self.before or after._meta is not None or after._view is not None:
                    raise Unsettled
                if after.__class__ is not Tensor or after._storage.edge or after._storage.pinned is not None:
                    raise Unsettled
                result, kind = _result(after._storage.lazy, numbers, shows), after._storage.lazy.kind
            found.append(Gradient(leaf, before is not None, after is before, result, kind))
        return found

    def _made(self, result: Any, shown: Any, numbers: dict[Lazy, int], shows: set[int]) -> list[Made]:
        found: dict[int, Made] = {}
        storages: set[int] = set()
        for leaf, tensor in zip(trees.leaves(result), trees.leaves(shown), strict=True):
            if leaf.__class__ is not Given or not isinstance(leaf.source, MadeSource):
                continue
            source, storage = leaf.source, tensor._storage
            if source.number in found:
                continue
            if source.view is not None or not isinstance(source.storage, int) or source.storage in storages:
                raise Unsettled
            if source.is_detached or storage.edge not in (0, TRACKED) or storage.pinned is not None:
                raise Unsettled
            storages.add(source.storage)
            history = None
            if storage.edge == TRACKED:
                history = history_of(storage.lazy)
                if history is None:
                    raise Unsettled
            number = _result(storage.lazy, numbers, shows)
            found[source.number] = Made(source, number, storage.lazy.kind, storage.edge, history)
        return list(found.values())

    def _parameters(self, places: Sequence[Place]) -> tuple[list[Any], list[Stream]]:
        """For each value that comes in what stays the same, or None; and what is drawn."""
        where = {id(before.lazy): before.place for before in self.before.values()} | self.copies
        streams = [Stream(generator, -1, -1, counts) for generator, counts in self.generators.values()]
        keys = {id(stream.generator.key): stream for stream in streams}
        counters = {id(stream.generator.counter): stream for stream in streams}
        parameters: list[Any] = []
        for number, lazy in enumerate(tape.leaves):
            place = where.get(id(lazy))
            parameters.append(None)
            if place is not None:
                if place.parameter >= 0:
                    raise Unsettled
                place.parameter = number
            elif id(lazy) in keys:
                keys[id(lazy)].key = number
            elif id(lazy) in counters:
                counters[id(lazy)].counter = number
            elif id(lazy) in self.constants:
                parameters[-1] = lazy.array
            else:
                raise Unsettled
        if any(stream.key < 0 or stream.counter < 0 for stream in streams):
            raise Unsettled
        return parameters, streams

    def _steps(self, varying: frozenset[int], first: int) -> list[Stepped]:
        """The steps of optimizers. All numbers that vary must be theirs."""
        where = {place: first + number for number, place in enumerate(sorted(varying))}
        found: list[Stepped] = []
        for optimizer, start, end, batches in self.optimizers:
            places: list[int | None] = []
            for call in tape.calls[start:end]:
                begin = call.prefix.first
                places.extend(where.pop(place, None) for place in range(begin, begin + len(call.scalars)))
            if len(places) != sum(len(numbers) for _, numbers, _ in batches):
                raise Unsettled
            found.append(Stepped(optimizer, batches, places))
        if where:
            raise Unsettled
        return found


def _room(outputs: Sequence[Lazy], written: set[int], first: int) -> list[Room]:
    """Room for the large results that are written over nothing, as parameters from `first` on."""
    large = [n for n, lazy in enumerate(outputs) if n not in written and lazy.kind.bytes >= _LARGE]
    return [
        Room(first + count, number, outputs[number].kind.shape, outputs[number].kind.type.dtype.numpy)
        for count, number in enumerate(large)
    ]


def _result(lazy: Lazy, numbers: dict[Lazy, int], shown: set[int]) -> int:
    """The number of a value among the results, which one storage alone may show."""
    number = numbers.get(lazy)
    if number is None or number in shown:
        raise Unsettled
    shown.add(number)
    return number

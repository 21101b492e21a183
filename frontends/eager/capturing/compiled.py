"""A function that `torch.compile` was given: run, noted, and then done again without its Python."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from copy import copy
from types import CodeType, FrameType
from typing import Any

from diptych.backends.settings import settings

from .. import dtypes
from ..func import trees
from ..nn.hooks import Global
from ..tapes.mode import mode
from ..tapes.syncs import COMPILED
from ..tapes.tape import tape
from ..tensors.tensor import Tensor
from .conditions import Conditions
from .direct import MISFIT, Direct
from .events import Event, Reads, Run, given
from .log import GraphBreak, Log
from .settling import SETTLED, Settling, Unsettled
from .snapshot import Beyond, Snapshot
from .watching import snapshot_of, watched

CACHE_SIZE_LIMIT = 8  # as PyTorch has it: so often a function is noted anew before it is left alone

_SWITCHES = (
    "enabled", "inference", "is_casting", "casting", "cast_dtypes", "default_device", "accelerator",
    "is_anomaly_enabled",
)  # fmt: skip
_GLOBAL_HOOKS = Global.forward, Global.forward_pre, Global.backward, Global.backward_pre
_SIMPLE = (bool, int, float, complex, str, bytes, type(None))


class Captured:
    """The events of a function, for arguments of one signature and one state of Python's. `direct`: what does them
    all at once, where it is known."""

    def __init__(self, log: Log, snapshot: Snapshot, result: Any, arguments: list[Tensor]) -> None:
        self._reached = {id(tensor._storage) for tensor in snapshot.tensors.values() if not tensor.is_sparse}
        # Arguments that can be reached as well: which of both the function has read cannot be told.
        self._same = [(place, each) for place, each in enumerate(arguments) if id(each._storage) in self._reached]
        self._early: list[Reads] = log.early
        self._events: list[Event] = log.events
        self._slots: list[Any] = [None] * log.count
        for slot, lazy in log.constants:
            self._slots[slot] = lazy
        self._result = result
        self._constants = [lazy for _, lazy in log.constants]
        self._runs = 0  # of the events one by one
        self._due, self._wait = 2, 1  # the run in which they are to be settled, and how many come before the next time
        self._scalars: tuple[Any, ...] | None = None  # numbers, when they were to be settled the last time
        self._varying: frozenset[int] = frozenset()  # places of those that have changed
        self.snapshot = snapshot
        self.direct: Direct | None = None
        self.is_again: Callable[..., Any] | None = None  # whether it is for some arguments, which are plain tensors

    def run(self, arguments: Sequence[Tensor]) -> Any:
        """What the function returns, or MISFIT where tensors from outside are of other types now."""
        if not self._reached.isdisjoint([id(tensor._storage) for tensor in arguments]):
            same = [(place, each) for place, each in enumerate(arguments) if id(each._storage) in self._reached]
            if len(same) != len(self._same) or any(arguments[place] is not tensor for place, tensor in self._same):
                return MISFIT
        elif self._same:
            return MISFIT
        return self.run_again(arguments)

    def run_again(self, arguments: Sequence[Tensor]) -> Any:
        """As `run`, where the same of the arguments as before can be reached as well."""
        with tape.lock:
            if self.direct is not None:
                result = self.direct.run(arguments)
                if result is not MISFIT:
                    return result
            self._runs += 1
            if self._runs >= self._due and _may_settle(self._runs) and not tape.is_joint():
                return self._settle(arguments)
            tape.step_ended()
            run = Run(arguments, self._slots.copy())
            for read in self._early:
                if not read.fits(run):
                    return MISFIT
            for event in self._events:
                event.happen(run)
            result = given(self._result, run)
            del run
            if tape.is_full():
                tape.flush()
            return result

    def conditions(self, asked: Conditions, storages: Sequence[str]) -> None:
        """Adds that nothing else can be reached than before, and is as it was; of arguments with these storages, by the
        names that they have there, none can be."""
        for storage in storages:
            asked.require(f"id({storage}) not in {{reached}}", reached=self._reached)
        self.snapshot.conditions(asked)

    @property
    def has_other_ways(self) -> bool:
        """Whether any of the arguments can be reached as well."""
        return bool(self._same)

    def _settle(self, arguments: Sequence[Tensor]) -> Any:
        """As a run of the events one by one, after which they are known as one program, if they can be. It is tried
        again when they were done so for twice as long."""
        self._due = self._runs + self._wait
        tape.flush(cause=COMPILED)
        try:
            settling = Settling([*self._early, *self._events], arguments, self._constants)
        except Unsettled:
            self._wait *= 2
            settling = None
        run = Run(arguments, self._slots.copy())
        for read in self._early:
            if not (read.fits(run) if settling is None else settling.read(read, run)):
                return MISFIT
        for event in self._events:
            if settling is None:
                event.happen(run)
            else:
                settling.happen(event, run)
        result = given(self._result, run)
        del run
        if settling is not None:
            scalars = settling.scalars()
            before, self._scalars = self._scalars, scalars
            if before is not None and len(before) == len(scalars):
                self._wait *= 2
                changed = [n for n, each in enumerate(scalars) if repr(each) != repr(before[n])]
                self._varying = self._varying.union(changed)
                try:
                    self.direct = Direct(settling.plan(self._result, result, scalars, self._varying))
                    tape.is_last = True
                except Unsettled:
                    self.direct = None
        if tape.is_full():
            tape.flush()
        return result


def _may_settle(runs: int) -> bool:
    """Whether what came by so often may be compiled."""
    current = settings()
    return current.backend in SETTLED and (current.compile_after is None or runs > current.compile_after)


class _Entry:
    """What is known for one signature: the state after the last plain run, what was captured, the last first, or why
    nothing is any more."""

    def __init__(self) -> None:
        self.before: Snapshot | None = None
        self.captured: list[Captured] = []
        self.refusal: str | None = None
        self.attempts = 0


def _shortcut(captured: Captured, kinds: Sequence[tuple[Any, int]]) -> Callable[..., Any]:
    """A function of arguments: whether `captured` is for these, and the state of Python's is as it is now. They are
    tensors of these kinds, neither views nor leaves, of which no two show one storage."""
    asked = Conditions()
    asked.require(f"len(arguments) == {len(kinds)}")
    storages = [f"storage_{place}" for place in range(len(kinds))]
    for place, (storage, (kind, edge)) in enumerate(zip(storages, kinds, strict=True)):
        asked.do(f"argument = arguments[{place}]")
        asked.require("argument.__class__ is {tensor} and argument._meta is argument._view is None", tensor=Tensor)
        asked.do(f"{storage} = argument._storage")
        asked.require(f"{storage}.lazy.kind is {{kind}} and {storage}.edge == {edge}", kind=kind)
    if len(kinds) > 1:
        asked.require(f"len({{{{{', '.join(storages)}}}}}) == {len(kinds)}")
    _switches(asked)
    captured.conditions(asked, storages)
    return asked.function("arguments", "True")


def _switches(asked: Conditions) -> None:
    """Adds that `_state` is what it is now."""
    for name in _SWITCHES:
        value = getattr(mode, name)
        same = "is" if value is None or isinstance(value, bool) else "=="
        asked.require(f"{{mode}}.{name} {same} {{value}}", mode=mode, value=copy(value))
    asked.require("{default}() is {dtype}", default=dtypes.get_default_dtype, dtype=dtypes.get_default_dtype())
    hooks = dict(zip("abcd", _GLOBAL_HOOKS, strict=True))
    asked.require("bool({a} or {b} or {c} or {d}) is {any}", **hooks, any=any(_GLOBAL_HOOKS))


def _is_plain(argument: Any) -> bool:
    return argument.__class__ is Tensor and argument._meta is argument._view is None


class Compiled:
    """Runs a function twice, watching; then what it did to tensors is recorded again, while all that it depends on is
    as it was. A function with effects that are not seen always runs itself; with `is_whole` it raises GraphBreak."""

    def __init__(self, function: Callable[..., Any], *, is_whole: bool) -> None:
        self.function = function
        self.is_whole = is_whole
        self.entries: dict[Any, _Entry] = {}
        self._last: Captured | None = None  # which has its `is_again`

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        if tape.log is not None:  # part of what is captured
            return self.function(*arguments, **options)
        last = self._last
        if last is not None and not options and last.is_again(arguments):  # pyright: ignore[reportOptionalCall]
            result = last.run_again(arguments)
            if result is not MISFIT:
                return result
        tensors = _tensors(arguments, options)
        if any(tensor.is_sparse for tensor in tensors):
            return self.function(*arguments, **options)
        signature = (_state(), _described(arguments), _described(options), _likeness(tensors))
        entry = self.entries.get(signature)
        if entry is None:
            if len(self.entries) >= 4 * CACHE_SIZE_LIMIT:
                return self.function(*arguments, **options)
            entry = self.entries[signature] = _Entry()
        for captured in entry.captured:
            if captured.snapshot.holds():
                result = captured.run(tensors)
                if result is not MISFIT:
                    is_plain = not (options or signature[3] or captured.has_other_ways) and all(
                        map(_is_plain, arguments)
                    )
                    if is_plain and captured.is_again is None:
                        captured.is_again = _shortcut(captured, signature[1][1:])
                    self._last = captured if is_plain else None
                    return result
        if entry.refusal is not None:
            return self.function(*arguments, **options)
        seen: dict[CodeType, FrameType] = {}
        try:
            return self._noted(entry, tensors, arguments, options, seen)
        finally:
            seen.clear()  # frames refer to those that called them, this one too, and to all that they have made

    def _noted(
        self,
        entry: _Entry,
        tensors: list[Tensor],
        arguments: tuple[Any, ...],
        options: dict[str, Any],
        seen: dict[CodeType, FrameType],
    ) -> Any:
        leaves = trees.leaves((arguments, options))
        others = tuple(leaf for leaf in leaves if not isinstance(leaf, (Tensor, *_SIMPLE)))
        with tape.lock:
            is_known = entry.before is not None and entry.before.holds()
            for tensor in tensors:
                tensor._read()
            state = _state()
            log = Log(tensors, is_whole=self.is_whole)
            log.hide_memory(tensors)
            tape.log = log
            try:
                with watched(log, seen):
                    result = self.function(*arguments, **options)
                made = log.results(result)
            finally:
                tape.log = None
                log.show_memory()
            if _state() != state:
                log.refuse("it changes a switch of the package")
            refusal = log.refusal
            if refusal is None:
                try:
                    after = snapshot_of(self.function, others, seen)
                except Beyond as beyond:
                    refusal = str(beyond)
                else:
                    if not is_known:
                        entry.attempts += 1
                        entry.before = after
                        if entry.attempts > CACHE_SIZE_LIMIT:
                            refusal = "the Python state that it can reach changes from call to call"
                    elif entry.before is not None and entry.before.holds():
                        entry.captured.insert(0, Captured(log, after, made, tensors))
                        entry.before = None
                        del entry.captured[CACHE_SIZE_LIMIT:]
                    else:
                        refusal = "it changes the Python state that it can reach"
            if refusal is not None:
                entry.refusal = refusal
                self._tell(refusal, log)
            return result

    def _tell(self, refusal: str, log: Log) -> None:
        if self.is_whole:
            raise log.broken(refusal)
        if "retrace" in settings().log:
            name = getattr(self.function, "__qualname__", repr(self.function))
            print(f"diptych: compile: {name} runs as Python: {refusal}", file=sys.stderr)


def _state() -> tuple[Any, ...]:
    """The switches that calls depend on."""
    values = [getattr(mode, name) for name in _SWITCHES]
    known = [tuple(value.items()) if isinstance(value, dict) else value for value in values]
    return *known, dtypes.get_default_dtype(), any(_GLOBAL_HOOKS)


def _tensors(arguments: tuple[Any, ...], options: dict[str, Any]) -> list[Tensor]:
    """The tensors among arguments, in order."""
    if not options and all(isinstance(each, Tensor) for each in arguments):
        return list(arguments)
    return [leaf for leaf in trees.leaves((arguments, options)) if isinstance(leaf, Tensor)]


def _likeness(tensors: list[Tensor]) -> tuple[tuple[int, int], ...] | None:
    """Which tensors are one, and which show one storage; None where all have storages of their own."""
    if len(tensors) < 2:
        return None
    storages = [id(tensor._storage) for tensor in tensors]
    if len(set(storages)) == len(storages):
        return None
    same = list(map(id, tensors))
    return tuple((same.index(one), storages.index(other)) for one, other in zip(same, storages, strict=True))


def _described(leaf: Any) -> Any:
    """What of an argument decides which calls are made, hashable."""
    if isinstance(leaf, Tensor):
        if leaf._meta is leaf._view is None:
            return leaf._storage.lazy.kind, leaf._storage.edge
        return leaf._kind, leaf.requires_grad, leaf.is_leaf, leaf.__class__
    if isinstance(leaf, dict):
        return dict, *((key, _described(value)) for key, value in leaf.items())
    if isinstance(leaf, (list, tuple)):
        return leaf.__class__, *map(_described, leaf)
    if isinstance(leaf, float):
        return float, leaf.hex()
    if isinstance(leaf, _SIMPLE):
        return leaf.__class__, leaf
    return _ById(leaf)


class _ById:
    """An object, equal to itself alone."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and self.value is other.value


__all__ = ["Compiled", "GraphBreak"]

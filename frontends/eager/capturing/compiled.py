"""A function that `torch.compile` was given: run, noted, and then done again without its Python."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

from .. import dtypes
from ..autograd.anomaly import is_anomaly_enabled
from ..calling import autocasting
from ..func import trees
from ..nn.hooks import Global
from ..tapes.mode import mode
from ..tapes.tape import tape
from ..tensors.tensor import Tensor
from .events import Event, Reads, Run, given
from .log import GraphBreak, Log
from .snapshot import Beyond, Snapshot
from .watching import snapshot_of, watched

CACHE_SIZE_LIMIT = 8  # as PyTorch has it: so often a function is noted anew before it is left alone

_SIMPLE = (bool, int, float, complex, str, bytes, type(None))
_MISFIT = object()


class Captured:
    """The events of a function, for arguments of one signature and one state of Python's."""

    def __init__(self, log: Log, snapshot: Snapshot, result: Any) -> None:
        self._early: list[Reads] = log.early
        self._events: list[Event] = log.events
        self._slots: list[Any] = [None] * log.count
        for slot, lazy in log.constants:
            self._slots[slot] = lazy
        self._result = result
        self.snapshot = snapshot

    def run(self, arguments: list[Tensor]) -> Any:
        """What the function returns, or _MISFIT where tensors from outside are of other types now."""
        with tape.lock:
            run = Run(arguments, self._slots.copy())
            for read in self._early:
                if not read.fits(run):
                    return _MISFIT
            for event in self._events:
                event.happen(run)
            result = given(self._result, run)
            del run
            if tape.is_full():
                tape.flush()
            return result


class _Entry:
    """What is known for one signature: the state after the last plain run, what was captured, the last first, or why
    nothing is any more."""

    def __init__(self) -> None:
        self.before: Snapshot | None = None
        self.captured: list[Captured] = []
        self.refusal: str | None = None
        self.attempts = 0


class Compiled:
    """Runs a function twice, watching; then what it did to tensors is recorded again, while all that it depends on is
    as it was. A function with effects that are not seen always runs itself; with `is_whole` it raises GraphBreak."""

    def __init__(self, function: Callable[..., Any], *, is_whole: bool) -> None:
        self.function = function
        self.is_whole = is_whole
        self.entries: dict[Any, _Entry] = {}

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        if tape.log is not None:  # part of what is captured
            return self.function(*arguments, **options)
        signature = (_state(), _described(arguments), _described(options))
        entry = self.entries.get(signature)
        if entry is None:
            if len(self.entries) >= 4 * CACHE_SIZE_LIMIT:
                return self.function(*arguments, **options)
            entry = self.entries[signature] = _Entry()
        tensors = _tensors(arguments, options)
        for captured in entry.captured:
            if captured.snapshot.holds():
                result = captured.run(tensors)
                if result is not _MISFIT:
                    return result
        if entry.refusal is not None:
            return self.function(*arguments, **options)
        return self._noted(entry, tensors, arguments, options)

    def _noted(self, entry: _Entry, tensors: list[Tensor], arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
        leaves = trees.leaves((arguments, options))
        others = tuple(leaf for leaf in leaves if not isinstance(leaf, (Tensor, *_SIMPLE)))
        seen: dict[CodeType, FrameType] = {}
        with tape.lock:
            is_known = entry.before is not None and entry.before.holds()
            for tensor in tensors:
                tensor._read()
            state = _state()
            log = tape.log = Log(tensors, is_whole=self.is_whole)
            try:
                with watched(log, seen):
                    result = self.function(*arguments, **options)
                made = log.results(result)
            finally:
                tape.log = None
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
                        entry.captured.insert(0, Captured(log, after, made))
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
        from diptych.backends.settings import settings

        if "retrace" in settings().log:
            name = getattr(self.function, "__qualname__", repr(self.function))
            print(f"diptych: compile: {name} runs as Python: {refusal}", file=sys.stderr)


def _state() -> tuple[Any, ...]:
    """The switches that calls depend on."""
    return (
        mode.enabled, mode.inference, autocasting.state.is_on, autocasting.state.dtypes.get("cpu"),
        dtypes.get_default_dtype(), is_anomaly_enabled(),
        bool(Global.forward or Global.forward_pre or Global.backward or Global.backward_pre),
    )  # fmt: skip


def _tensors(arguments: tuple[Any, ...], options: dict[str, Any]) -> list[Tensor]:
    """The tensors among arguments, in order."""
    if not options and all(isinstance(each, Tensor) for each in arguments):
        return list(arguments)
    return [leaf for leaf in trees.leaves((arguments, options)) if isinstance(leaf, Tensor)]


def _described(leaf: Any) -> Any:
    """What of an argument decides which calls are made, hashable."""
    if isinstance(leaf, Tensor):
        if leaf._meta is leaf._view is leaf._storage.pinned:  # all are None
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

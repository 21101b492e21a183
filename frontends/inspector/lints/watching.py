"""What is noted while a script runs: programs, sessions, steps of optimizers, and where values were read."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any

from diptych import backends
from diptych.backends import Executable, Watcher

from ..runs import identity
from .sessions import Sessions
from .training import Training

if TYPE_CHECKING:
    from diptych.eager.tapes.syncs import Sync


@dataclass(slots=True)
class Program:
    """How often a program ran, and the seconds that it took to compile it, each time by when that began."""

    times: int = 0
    compiling: dict[float, float] = field(default_factory=dict[float, float])


class Watched(Watcher):
    """What was noted. `syncs`: why recorded calls had to run, of the eager front end."""

    def __init__(self) -> None:
        self.begin = perf_counter()
        self.programs: dict[Hashable, Program] = {}  # by their identities
        self.sessions = Sessions()
        self.training = Training()
        self.syncs: tuple[Sync, ...] = ()
        self._lock = Lock()

    def before(self, executable: Executable, arrays: Sequence[Any]) -> None:
        with self._lock:
            self.sessions.note(executable.function)

    def after(self, executable: Executable, seconds: float, results: tuple[Any, ...] | None) -> None:
        with self._lock:
            program = self.programs.setdefault(identity(executable.function), Program())
            program.times += 1
            begin, took = executable.compiled
            if begin >= self.begin:
                program.compiling[begin] = took


@contextmanager
def watching() -> Iterator[Watched]:
    """Notes what runs within the block."""
    found = Watched()
    _forget_syncs()
    with backends.watched(found), found.training.noted():
        yield found
    found.sessions.end()
    syncs = sys.modules.get("diptych.eager.tapes.syncs")  # where the script used it
    if syncs is not None:
        found.syncs = syncs.sync_report()


def _forget_syncs() -> None:
    syncs = sys.modules.get("diptych.eager.tapes.syncs")
    if syncs is not None:
        syncs.reset_sync_report()

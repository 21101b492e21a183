"""Records the programs that a process runs into a bundle, while they run."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Generator, Hashable, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from time import perf_counter
from types import FrameType
from typing import Any

import numpy as np
from diptych.backends import Executable, Watcher, watched
from diptych.ir.location import detailed

from ..subjects import Subject
from ..targets import file_errors, identity
from .writer import Writer

MAX_LISTED = 1000  # runs of a program whose times are listed


@contextmanager
def recording(
    path: str | Path,
    *,
    script: str | None = None,
    arrays: bool = False,
    redacted: bool = False,
    outermost: FrameType | None = None,
) -> Generator[None]:
    """Records what runs within the block, into FILE.dipt, or into a file of a folder that has the script's name and the
    process's number. Programs are written when they first run, so that a process which dies leaves what it had.

    With `arrays`, large constants and what programs first ran on are written beside it; `redacted` leaves out source
    text and folders. Lines outside of the `outermost` frame are nobody's callers. Raises DiptychError where the file
    cannot be written.
    """
    file = Path(path)
    if file.suffix != ".dipt":
        with file_errors(file):
            file.mkdir(parents=True, exist_ok=True)
        stem = Path(script or sys.argv[0] or "python").stem
        file = file / f"{stem}-{os.getpid()}.dipt"
    with file_errors(file):
        out = file.open("w", encoding="utf-8")
    with out:
        recorder = _Recorder(Writer(out, arrays=arrays, redacted=redacted))
        try:
            with detailed(outermost), watched(recorder):
                yield
        finally:
            recorder.finish(file)


def record_process(folder: str) -> None:
    """Records all that this process runs from now on, until it ends."""
    around = ExitStack()
    around.enter_context(recording(folder))
    atexit.register(around.close)


@dataclass(slots=True)
class _Ran:
    """How often a program ran."""

    number: int
    compiled: list[float] | None
    count: int = 0
    seconds: float = 0.0
    listed: list[list[float]] = field(default_factory=list[list[float]])


class _Recorder(Watcher):
    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.begin = perf_counter()
        self.process = os.getpid()  # what was forked from it records nothing
        self.programs: dict[Hashable, _Ran] = {}
        self._lock = Lock()

    def before(self, executable: Executable, arrays: Sequence[Any]) -> None:
        if os.getpid() != self.process:
            return
        with self._lock:
            key = *identity(executable.function), executable.backend
            if key not in self.programs:
                self.programs[key] = _Ran(len(self.programs), self._compiled(executable))
                inputs = tuple(np.array(each) for each in arrays) if self.writer.arrays else None
                self.writer.program(_subject(executable, inputs))

    def after(self, executable: Executable, seconds: float, results: tuple[Any, ...] | None) -> None:
        if os.getpid() != self.process:
            return
        with self._lock:
            ran = self.programs[*identity(executable.function), executable.backend]
            ran.count += 1
            ran.seconds += seconds
            if len(ran.listed) < MAX_LISTED:
                ran.listed.append([max(0.0, perf_counter() - seconds - self.begin), seconds])

    def _compiled(self, executable: Executable) -> list[float] | None:
        begin, seconds = executable.compiled
        return [begin - self.begin, seconds] if begin >= self.begin else None

    def finish(self, file: Path) -> None:
        """Writes what is known at the end."""
        if os.getpid() != self.process:
            return
        for ran in self.programs.values():
            times = {"compiled": ran.compiled, "count": ran.count, "seconds": ran.seconds, "listed": ran.listed}
            self.writer.runs(ran.number, times)
        self.writer.write_arrays(file)


def _subject(executable: Executable, inputs: tuple[np.ndarray, ...] | None) -> Subject:
    is_traced = all(record.provenance is not None for record in executable.records)
    records = executable.records if is_traced else None  # what was compiled before goes through the passes again
    return Subject(executable.function, executable.backend, executable.donate, records, inputs)

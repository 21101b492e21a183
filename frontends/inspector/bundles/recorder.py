"""Records the programs that a process runs into a bundle, while they run."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Generator, Hashable, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
from diptych.backends import Executable, watched
from diptych.ir.location import detailed

from ..files import file_errors
from ..runs import Runs, RunWatcher, identity
from ..subjects import Subject
from .writer import Writer


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


class _Recorder(RunWatcher):
    def __init__(self, writer: Writer) -> None:
        super().__init__()
        self.writer = writer

    def key(self, executable: Executable) -> Hashable:
        return *identity(executable.function), executable.backend

    def first(self, executable: Executable, arrays: Sequence[Any], runs: Runs) -> None:
        inputs = tuple(np.array(each) for each in arrays) if self.writer.arrays else None
        self.writer.program(_subject(executable, inputs))

    def finish(self, file: Path) -> None:
        """Writes what is known at the end."""
        if self.is_ours:
            for number, runs in enumerate(self.runs.values()):
                self.writer.runs(number, runs)
            self.writer.write_arrays(file)


def _subject(executable: Executable, inputs: tuple[np.ndarray, ...] | None) -> Subject:
    is_traced = all(record.provenance is not None for record in executable.records)
    records = executable.records if is_traced else None  # what was compiled before goes through the passes again
    return Subject(executable.function, executable.backend, executable.donate, records, inputs)

"""Programs from whatever a target is: what is run, saved or recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from diptych.ir import Function

from .subjects import BACKENDS, FINAL, FRONTEND, Subject, check_stage
from .targets import Loaded, load


def subjects(target: str, arguments: Sequence[str] = (), *, backend: str, **how: Any) -> list[Subject]:
    """The programs of a target: FILE.dipt, or what `targets.load` takes, in one of the ways that it has, such as with
    what they were run on. Raises DiptychError."""
    if target.endswith(".dipt"):
        from .bundles import read  # here, since pydantic takes long to import

        return read(target)
    return [_subject(each, backend) for each in load(target, arguments, **how)]


def _subject(loaded: Loaded, backend: str) -> Subject:
    subject = Subject(loaded.function, backend, loaded.donate, inputs=loaded.inputs)
    if loaded.backend == backend:
        subject.runs = loaded.runs
    return subject


def staged(targets: Sequence[str], load: Callable[[str], list[Subject]], *, backend: str) -> list[list[Function]]:
    """For each of TARGET, TARGET@STAGE, TARGET@BACKEND and TARGET@BACKEND:STAGE its programs: as written, at that
    stage, or after all passes of that backend. What stands in several is loaded once. Raises DiptychError."""
    known: dict[str, list[Subject]] = {}
    found: list[list[Function]] = []
    for target in targets:
        path, at, words = target.rpartition("@")
        if not at or Path(target).exists():
            path, words = target, ""
        other, stage = _parted_stage(words)
        check_stage(stage, path, other or backend)
        if path not in known:
            known[path] = load(path)
        found.append([subject.on(other or subject.backend).at(stage) for subject in known[path]])
    return found


def _parted_stage(words: str) -> tuple[str | None, str]:
    """What stands behind an @: a backend, or none, and a stage."""
    name, colon, stage = words.partition(":")
    if name in BACKENDS:
        return name, stage if colon else FINAL
    return None, words or FRONTEND

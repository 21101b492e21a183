"""Writes the programs that ran to a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from diptych import backends
from diptych.ir import DiptychError, print_function


@contextmanager
def traced(folder: str) -> Iterator[None]:
    """Writes every program that runs within the block: NNN.ir as the front end wrote it, NNN.optimised.ir as the
    backend got it. Raises DiptychError where the folder cannot be made."""
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiptychError(f"{folder}: cannot be made: {error.strerror}") from None
    with backends.captured() as found:
        try:
            yield
        finally:
            for number, executable in enumerate(found):
                for ending, function in (("ir", executable.function), ("optimised.ir", executable.optimised)):
                    text = print_function(function, locations=True)
                    (place / f"{number:03}.{ending}").write_text(f"{text}\n", encoding="utf-8")

"""What may be wrong with a file of data."""

from __future__ import annotations

from pathlib import Path

from diptych.ir import DiptychError

_MAX_WORDS = 300  # characters; zipfile's own words may hold a part of the file


class DamagedFile(DiptychError, ValueError):
    """A file that is not what its name says: cut short, changed, too large or hostile."""

    def __init__(self, path: Path | str, what: str) -> None:
        if len(what) > _MAX_WORDS:
            what = f"{what[:_MAX_WORDS]}..."
        super().__init__(f"{path}: {what}")


class MissingFile(DiptychError, FileNotFoundError):
    """A file that lies in none of the places where it was looked for."""


class DownloadFailed(DiptychError, RuntimeError):
    """A file that could not be had from any of its addresses."""

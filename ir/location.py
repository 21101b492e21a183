"""Where in the user's source a thing was made."""

from __future__ import annotations

import linecache
import os
import sys
from dataclasses import dataclass, field
from types import FrameType


@dataclass(frozen=True, slots=True)
class Location:
    """A line of the user's source. `line` counts from 1.

    `text` is the line's text where it came along (from JSON, or empty from text): a location that was read must not
    make us open the file that it names. None: read it from the file when asked.
    """

    file: str
    line: int
    text: str | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"

    def short(self) -> str:
        """File name without its folders, and line, as dumps show it."""
        return f"{os.path.basename(self.file)}:{self.line}"

    def source(self) -> str:
        """The text of the line, stripped; empty where it is not known."""
        if self.text is not None:
            return self.text
        return linecache.getline(self.file, self.line).strip()

    def described(self) -> str:
        """`file:line: source text`, as errors show it."""
        source = self.source()
        return f"{self}: {source}" if source else str(self)


# Frames of these packages are never the user's: our own, and those that call back into us.
_NOT_THE_USER = {__name__.split(".", 1)[0], "contextlib", "functools", "numpy"}
_inside: dict[str, bool] = {}  # whether a source file belongs to one of them
_locations: dict[tuple[str, int], Location] = {}


def _is_inside(frame: FrameType, file: str) -> bool:
    name = frame.f_globals.get("__name__", "")
    inside = isinstance(name, str) and name.split(".", 1)[0] in _NOT_THE_USER
    if not file.startswith("<"):  # several modules may share a made-up name such as <string>
        _inside[file] = inside
    return inside


def user_location() -> Location | None:
    """The line of the first calling frame outside this package; None where there is none."""
    frame: FrameType | None = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        file = frame.f_code.co_filename
        inside = _inside.get(file)
        if inside is None:
            inside = _is_inside(frame, file)
        if not inside:
            return located(file, frame.f_lineno)
        frame = frame.f_back
    return None


def located(file: str, line: int) -> Location:
    """The one Location object of this line."""
    key = (file, line)
    found = _locations.get(key)
    if found is None:
        if len(_locations) > 100_000:
            _locations.clear()
        found = _locations[key] = Location(file, line)
    return found

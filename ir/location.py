"""Where in the user's source a thing was made."""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from types import CodeType, FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .function import Value

MAX_CALLERS = 32  # of a location that are noted


@dataclass(frozen=True, slots=True)
class Location:
    """A line of the user's source. `line` counts from 1.

    `text` is the line's text where it came along (from JSON, or empty from text): a location that was read must not
    make us open the file that it names. None: read it from the file when asked.

    What follows is known of what was made within `detailed`. `span`: the line where the expression ends, and its first
    and the end of its last column, which count from 0 in bytes of UTF-8. `function`: the qualified name of the user's
    function. `scope`: where in the model that is, such as `encoder.layers.0`. `callers`: the user's lines that led
    there, the nearest first. `gradient_of`: the value through whose equation a gradient flows here.
    """

    file: str
    line: int
    text: str | None = field(default=None, compare=False, repr=False)
    span: tuple[int, int, int] | None = field(default=None, compare=False, repr=False)
    function: str = field(default="", compare=False, repr=False)
    scope: str = field(default="", compare=False, repr=False)
    callers: tuple[Location, ...] = field(default=(), compare=False, repr=False)
    gradient_of: Value | None = field(default=None, compare=False, repr=False)

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
_NOT_THE_USER = {__name__.split(".", 1)[0], "contextlib", "functools", "numpy", "runpy"}
_inside: dict[str, bool] = {}  # whether a source file belongs to one of them
_locations: dict[tuple[str, int], Location] = {}


def _is_inside(frame: FrameType, file: str) -> bool:
    name = frame.f_globals.get("__name__", "")
    inside = (isinstance(name, str) and name.split(".", 1)[0] in _NOT_THE_USER) or file.startswith("<frozen ")
    if not file.startswith("<"):  # several modules may share a made-up name such as <string>
        _inside[file] = inside
    return inside


# Given the innermost frame of a call into the package, where in the user's model that is, or nothing. Front ends add.
scope_finders: list[Callable[[FrameType], str]] = []

# Called when blocks of `detailed` begin and end, for who remembers locations.
detail_listeners: list[Callable[[], None]] = []

_detailed: list[FrameType | None] = []  # for each block of `detailed`, the frame outside which no callers are noted


@contextmanager
def detailed(outermost: FrameType | None = None) -> Generator[None]:
    """Locations made within the block have all their parts; `callers` are those inside the `outermost` frame. That
    takes some microseconds for each."""
    _detailed.append(outermost)
    _tell()
    try:
        yield
    finally:
        _detailed.pop()
        _tell()


def _tell() -> None:
    for listener in detail_listeners:
        listener()


def is_detailed() -> bool:
    """Whether all parts of locations are wanted."""
    return bool(_detailed)


def user_location(start: FrameType | None = None) -> Location | None:
    """The line of the first calling frame outside this package, from `start` on outwards; None where there is none."""
    innermost = frame = _users(start or sys._getframe(1))  # pyright: ignore[reportPrivateUsage]
    if frame is None or innermost is None:
        return None
    if not _detailed:
        return located(frame.f_code.co_filename, frame.f_lineno)
    callers: list[Location] = []
    outermost = _detailed[-1]
    while (frame := _users(frame.f_back, outermost)) is not None and len(callers) < MAX_CALLERS:
        callers.append(_placed(frame.f_code, frame.f_lasti, frame.f_lineno))
    scope = next(filter(None, (finder(sys._getframe(1)) for finder in scope_finders)), "")  # pyright: ignore[reportPrivateUsage]
    return _placed(innermost.f_code, innermost.f_lasti, innermost.f_lineno, scope, tuple(callers))


def _users(frame: FrameType | None, outermost: FrameType | None = None) -> FrameType | None:
    """The first frame outside this package, from one on outwards; inside the `outermost` one."""
    while frame is not None and frame is not outermost:
        file = frame.f_code.co_filename
        inside = _inside.get(file)
        if inside is None:
            inside = _is_inside(frame, file)
        if not inside:
            return frame
        frame = frame.f_back
    return None


def _placed(
    code: CodeType, instruction: int, line: int, scope: str = "", callers: tuple[Location, ...] = ()
) -> Location:
    """The location of an instruction, given by its offset in the bytecode, with all its parts."""
    _, end, first, last = next(islice(code.co_positions(), instruction // 2, None), (None,) * 4)
    span = None if end is None or first is None or last is None else (end, first, last)
    return Location(code.co_filename, line, None, span, code.co_qualname, scope, callers)


def located(file: str, line: int) -> Location:
    """The one Location object of this line."""
    key = (file, line)
    found = _locations.get(key)
    if found is None:
        if len(_locations) > 100_000:
            _locations.clear()
        found = _locations[key] = Location(file, line)
    return found

"""Which line of the user's made a call."""

from __future__ import annotations

import functools
import sys
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any

from diptych.names import names_of

files_inside: dict[str, bool] = {}  # whether the code of a file is the package's


def is_inside(frame: FrameType) -> bool:
    """Whether a frame is of the package, or of what stands between it and the user."""
    file = frame.f_code.co_filename
    inside = files_inside.get(file)
    if inside is None:
        name = frame.f_globals.get("__name__", "")
        inside = name == "diptych" or name.startswith("diptych.") or name in ("functools", "contextlib")
        if not file.startswith("<"):
            files_inside[file] = inside
    return inside


def is_library(name: str, file: str) -> bool:
    """Whether a module is the package's own, Python's, or installed: not the user's program."""
    top = name.partition(".")[0]
    return top == "diptych" or top in sys.stdlib_module_names or "site-packages" in file or "dist-packages" in file


def renamed(function: Any, name: str) -> Any:
    """The function, a new one, by another name, which the frames of its calls have too."""
    function.__name__ = function.__qualname__ = name
    function.__code__ = function.__code__.replace(co_name=name, co_qualname=name)
    return function


def caller() -> tuple[CodeType | None, int]:
    """The code and instruction of the first frame outside the package; the three innermost are inside."""
    frame: Any = sys._getframe(3)
    known = files_inside
    while frame is not None:
        code = frame.f_code
        inside = known.get(code.co_filename)
        if inside is None:
            inside = is_inside(frame)
        if not inside:
            return code, frame.f_lasti
        frame = frame.f_back
    return None, 0


def depth() -> int:
    """How many calls up the first frame outside the package is, counted from the caller, which is 1."""
    frame: Any = sys._getframe(1)
    found = 1
    while frame is not None and is_inside(frame):
        frame = frame.f_back
        found += 1
    return found


@lru_cache(maxsize=16384)
def settled(code: CodeType | None, instruction: int) -> int:
    """The first instruction of the expression that one belongs to: Python names now one, now another of them, since it
    replaces instructions that run often."""
    if code is None:
        return instruction
    positions = list(code.co_positions())
    place = instruction // 2
    while place and positions[place - 1] == positions[instruction // 2]:
        place -= 1
    return 2 * place


def entered() -> tuple[str, CodeType | None, int]:
    """The name of the function by which the package was entered, and the code and instruction that called it."""
    frame: Any = sys._getframe(2)
    name = ""
    while frame is not None:
        code = frame.f_code
        inside = files_inside.get(code.co_filename)
        if not (is_inside(frame) if inside is None else inside):
            return name, code, frame.f_lasti
        name = code.co_name
        frame = frame.f_back
    return name, None, 0


def entered_function() -> str:
    """PyTorch's name of the function by which the package was entered: where that is a module or an optimizer, of the
    one that it called first. What wraps functions has their names, by `renamed`."""
    frame: Any = sys._getframe(2)
    name = outermost = ""
    while frame is not None and is_inside(frame):
        outermost = frame.f_code.co_name
        name = outermost if outermost in _functions() else name
        frame = frame.f_back
    return name or outermost.strip("_")


@functools.cache
def _functions() -> frozenset[str]:
    found = names_of("torch")
    places = ("torch", "torch.nn.functional", "torch.linalg", "torch.special", "torch.fft", "torch.sparse")
    return found.classes["torch.Tensor"].union(*(found.modules[place] for place in places))

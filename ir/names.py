"""The names under which text, JSON and errors show values, functions and locations."""

from __future__ import annotations

import json
import re

from .function import Function, Value
from .location import Location

NAME = r"[A-Za-z_][A-Za-z0-9_.]*+(?:/[A-Za-z0-9_.]++)*+"  # of a value or function, a regular expression
VALUE_NAME = rf"{NAME}|[0-9]+"

_IS_NAME = re.compile(rf"{NAME}\Z")
_SLASHES = re.compile(r"/+")
_UNWRITABLE = re.compile(r"[^A-Za-z0-9_./]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class ValueNames(dict[Value, str]):
    """A name for every value of a function, no two the same, without the sigil.

    A value's own name is kept, its unwritable characters made `_`; where it is taken a number follows it. Values
    without a name are numbered in order of definition. Values that the function does not define get a name when asked.
    """

    def __init__(self, function: Function) -> None:
        super().__init__()
        self._taken: set[str] = set()
        self._repeats: dict[str, int] = {}
        self._nameless = 0
        for parameter in function.parameters:
            self[parameter]
        for equation in function.equations:
            for result in equation.results:
                self[result]

    def __missing__(self, value: Value) -> str:
        name = self[value] = self._unique(value.name)
        return name

    def _unique(self, hint: str | None) -> str:
        name = written_name(hint)
        if name is None:
            self._nameless += 1
            return str(self._nameless - 1)
        if name in self._taken:
            count = self._repeats.get(name, 1)
            while f"{name}_{count}" in self._taken:
                count += 1
            self._repeats[name] = count + 1
            name = f"{name}_{count}"
        self._taken.add(name)
        return name


def written_name(hint: str | None) -> str | None:
    """`hint` as a name that text can hold; None where nothing is left of it."""
    if hint is None or _IS_NAME.match(hint):
        return hint
    name = _SLASHES.sub("/", _UNWRITABLE.sub("_", hint)).strip("/")
    if not name:
        return None
    return name if _IS_NAME.match(name) else f"_{name}"


def function_label(name: str) -> str:
    """`@name`, the name quoted where it is not a plain one."""
    return f"@{name}" if _IS_NAME.match(name) else f"@{quoted(name)}"


def location_label(location: Location, *, full: bool = True) -> str:
    """`file:line` on one line, the file quoted where it must be; its folders are left out unless `full`."""
    file = location.file if full else location.short().rpartition(":")[0]
    plain = file and file == file.strip() and file[0] != '"' and not _UNPRINTABLE.search(file)
    return f"{file if plain else quoted(file)}:{location.line}"


def quoted(text: str) -> str:
    """`text` as a JSON string of ASCII characters."""
    return json.dumps(text)

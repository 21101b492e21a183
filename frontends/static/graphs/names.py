"""How TensorFlow names operations: unique names, scopes, and the letters allowed."""

from __future__ import annotations

import re

_AT_ROOT = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\\-/]*\Z")
_IN_SCOPE = re.compile(r"[A-Za-z0-9_.\\\-/]*\Z")


class NameTable:
    """The names taken in one graph. Names that differ in case alone count as one, as in TensorFlow."""

    __slots__ = ("_next",)

    def __init__(self) -> None:
        self._next: dict[str, int] = {}  # lower-case name -> the number that the next one like it tries first

    def unique(self, name: str, *, mark: bool = True) -> str:
        """`name` if it is free, otherwise the first free `name_1`, `name_2`, ..."""
        key = name.lower()
        number = self._next.get(key, 0)
        if number == 0:
            if mark:
                self._next[key] = 1
            return name
        candidate = f"{key}_{number}"
        while candidate in self._next:
            number += 1
            candidate = f"{key}_{number}"
        if mark:
            self._next[key] = number + 1
            self._next[candidate] = 1
        return f"{name}_{number}"

    def take(self, name: str) -> None:
        """Marks `name` as used, whether or not it was."""
        self._next.setdefault(name.lower(), 1)


def check_scope_name(name: str, *, at_root: bool) -> None:
    """Raises ValueError where `name` has letters that a scope may not have."""
    if not (_AT_ROOT if at_root else _IN_SCOPE).match(name):
        raise ValueError(f"'{name}' is not a valid scope name")


def check_operation_name(name: str) -> None:
    """Raises ValueError where `name` has letters that an operation may not have."""
    if not _AT_ROOT.match(name):
        raise ValueError(f"'{name}' is not a valid node name")

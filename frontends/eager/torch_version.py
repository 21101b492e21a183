"""`torch.torch_version`: the release as text that compares as releases do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from .version import __version__ as _text

_RELEASE = re.compile(r"v?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|rc|dev|post)[-_.]?(\d*))?(?:\+([a-z0-9.]+))?", re.IGNORECASE)
_STAGES = {"dev": 0, "a": 1, "b": 2, "rc": 3, None: 4, "post": 5}


def _compared(method: Callable[[Any, Any], bool], texts: Callable[[str, str], bool]) -> Any:
    def compared(self: TorchVersion, other: object) -> bool:
        text = other if isinstance(other, str) else ".".join(map(str, other)) if isinstance(other, Iterable) else None
        if text is None:
            return NotImplemented
        mine, others = _key(self), _key(text)
        return texts(str(self), text) if mine is None or others is None else method(mine, others)

    return compared


class TorchVersion(str):
    """A text that names a release. Compared with other texts, or with numbers as in `(1, 13)`, by the numbers of the
    releases, alphas, candidates and the like before them; with what names no release as texts are."""

    __slots__ = ()

    __lt__ = _compared(lambda a, b: a < b, str.__lt__)
    __le__ = _compared(lambda a, b: a <= b, str.__le__)
    __gt__ = _compared(lambda a, b: a > b, str.__gt__)
    __ge__ = _compared(lambda a, b: a >= b, str.__ge__)
    __eq__ = _compared(lambda a, b: a == b, str.__eq__)
    __ne__ = _compared(lambda a, b: a != b, str.__ne__)
    __hash__ = str.__hash__


def _key(text: str) -> tuple[Any, ...] | None:
    """What releases are ordered by: numbers without zeros at the end, stage, its number, and the name of the build."""
    found = _RELEASE.fullmatch(text)
    if found is None:
        return None
    numbers = [int(each) for each in found[1].split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    stage = found[2].lower() if found[2] else None
    return numbers, _STAGES[stage], int(found[3] or 0), found[4] or ""


__version__ = TorchVersion(_text)

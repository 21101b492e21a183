"""Reads types and dimensions, each distinct text once."""

from __future__ import annotations

import re
from difflib import get_close_matches

from .dimensions import Dim, Shape, parse_dimension
from .dtypes import DTYPES, dtype_named
from .errors import ParseError, TypeRuleError
from .limits import MAX_DIMENSIONS, MAX_RANK
from .ops import checks
from .types import TensorType

_TYPE = re.compile(r"([A-Za-z0-9_]+)\[([^\[\]]*)\]\Z")
_NUMBER = re.compile(r"[0-9]{1,18}\Z")


class TypeReader:
    """The types and dimensions of one text; the cap on their number holds for all of it."""

    def __init__(self) -> None:
        self._types: dict[str, TensorType] = {}
        self._dimensions: dict[str, Dim] = {}

    def type(self, text: str) -> TensorType:
        """The type written `text`, for example f32[2*batch+3,10]. Raises ParseError."""
        found = self._types.get(text)
        if found is None:
            found = self._types[text] = self._read_type(text)
        return found

    def dimension(self, text: str) -> Dim:
        """The dimension written `text`. Raises ParseError."""
        text = text.strip()
        if _NUMBER.match(text):
            return int(text)
        found = self._dimensions.get(text)
        if found is None:
            if len(self._dimensions) >= MAX_DIMENSIONS:
                raise ParseError(f"text has more than {MAX_DIMENSIONS} dimensions that are not plain numbers")
            found = self._dimensions[text] = parse_dimension(text)
        return found

    def _read_type(self, text: str) -> TensorType:
        match = _TYPE.match(text)
        if match is None:
            raise ParseError(f"type is {text[:40]!r} but must be like f32[2,batch]")
        try:
            dtype = dtype_named(match[1])
        except KeyError:
            raise unknown("dtype", match[1], [dtype.name for dtype in DTYPES]) from None
        body = match[2].strip()
        sizes = _split(body) if body else []
        if len(sizes) > MAX_RANK:
            raise ParseError(f"type {text[:40]!r} has {len(sizes)} axes but must have at most {MAX_RANK}")
        shape: Shape = tuple(self.dimension(size) for size in sizes)
        try:
            checks.sizes(shape, "type")
        except TypeRuleError as error:
            raise ParseError(error.message) from None
        return TensorType(dtype, shape)


def parse_type(text: str) -> TensorType:
    """The type written `text`, for example f32[2*batch+3,10]. Raises ParseError."""
    return TypeReader().type(text)


def unknown(what: str, name: str, known: list[str]) -> ParseError:
    """The error for a `name` that is not among those `known`, with the nearest of them."""
    near = get_close_matches(name[:64], known, n=1)
    return ParseError(f"{what} {name[:64]!r} is unknown", hint=near[0] if near else None)


def _split(body: str) -> list[str]:
    """The parts between commas outside parentheses."""
    if "(" not in body:
        return body.split(",")
    parts: list[str] = []
    start = depth = 0
    for index, symbol in enumerate(body):
        if symbol == "," and depth == 0:
            parts.append(body[start:index])
            start = index + 1
        depth += (symbol == "(") - (symbol == ")")
    return [*parts, body[start:]]

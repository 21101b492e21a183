"""The named tuples that functions of several results return, with PyTorch's text."""

from __future__ import annotations

from collections import namedtuple
from typing import Any


def named(name: str, fields: str) -> Any:
    """The class of results of the function `name`."""
    made: Any = namedtuple(name, fields.split())
    made.__doc__ = f"What `torch.{name}` returns: {', '.join(fields.split())}."
    made.__module__ = "torch.return_types"
    made.__repr__ = _text
    return made


def _text(result: Any) -> str:
    name = type(result).__name__
    lines = ",\n".join(f"{field}={value!r}" for field, value in zip(result._fields, result, strict=True))
    return f"torch.return_types.{name}(\n{lines})"

"""`torch._dynamo`: names that libraries import to speak to the compiler."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from .capturing.log import GraphBreak
from .compiler import OptimizedModule, allow_in_graph, assume_constant_result, disable, is_compiling, reset

__all__ = [
    "OptimizedModule", "allow_in_graph", "assume_constant_result", "config", "disable", "exc", "graph_break",
    "is_compiling", "mark_dynamic", "mark_static", "reset",
]  # fmt: skip

exc = SimpleNamespace(Unsupported=GraphBreak)
config = SimpleNamespace(suppress_errors=False, cache_size_limit=8, verbose=False)


def graph_break(msg: str = "") -> None:
    """Does nothing."""


def mark_dynamic(t: Any, index: Any, **options: Any) -> None:
    """Does nothing: a program is made for each shape."""


def mark_static(t: Any, index: Any = None) -> None:
    """Does nothing: a program is made for each shape."""

"""Tensors in nested dicts, lists and tuples."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any


def _is_named(tree: Any) -> bool:
    return isinstance(tree, tuple) and hasattr(tree, "_fields")


def leaves(tree: Any) -> list[Any]:
    """What is in a tree, in order; None is a leaf."""
    return list(_leaves(tree))


def _leaves(tree: Any) -> Iterator[Any]:
    if isinstance(tree, dict):
        for each in tree.values():
            yield from _leaves(each)
    elif isinstance(tree, (list, tuple)):
        for each in tree:
            yield from _leaves(each)
    else:
        yield tree


def rebuilt(tree: Any, values: Iterator[Any]) -> Any:
    """A tree of the same form with other leaves."""
    if isinstance(tree, (dict, OrderedDict)):
        return type(tree)((key, rebuilt(each, values)) for key, each in tree.items())
    if isinstance(tree, (list, tuple)):
        parts = [rebuilt(each, values) for each in tree]
        return type(tree)(*parts) if _is_named(tree) else type(tree)(parts)
    return next(values)


def mapped(function: Callable[..., Any], tree: Any) -> Any:
    """A tree of the same form, of what the function makes of each leaf."""
    return rebuilt(tree, iter([function(each) for each in leaves(tree)]))


def is_alike(left: Any, right: Any) -> bool:
    """Whether two trees have the same form."""
    if isinstance(left, dict):
        return isinstance(right, dict) and list(left) == list(right) and all(is_alike(left[k], right[k]) for k in left)
    if isinstance(left, (list, tuple)):
        return type(left) is type(right) and len(left) == len(right) and all(map(is_alike, left, right))
    return not isinstance(right, (dict, list, tuple))


def spread(prefix: Any, tree: Any) -> list[Any] | None:
    """For each leaf of the tree, the prefix's leaf that stands for it; None where they do not fit."""
    if not isinstance(prefix, (dict, list, tuple)):
        return [prefix] * len(leaves(tree))
    if type(prefix) is not type(tree) and not (isinstance(prefix, tuple) and isinstance(tree, tuple)):
        return None
    if len(prefix) != len(tree):
        return None
    pairs = [(prefix[key], tree[key]) for key in tree] if isinstance(tree, dict) else zip(prefix, tree, strict=True)
    found: list[Any] = []
    for mine, theirs in pairs:
        part = spread(mine, theirs)
        if part is None:
            return None
        found.extend(part)
    return found


def described(tree: Any, indent: int = 0) -> str:
    """How PyTorch writes the form of a tree."""
    if not isinstance(tree, (tuple, list, dict)):
        return "*"
    parts = [described(each, indent + 2) for each in (tree.values() if isinstance(tree, dict) else tree)]
    joined = (",\n" + " " * (indent + 2)).join(parts)
    return f"TreeSpec({type(tree).__name__}, {list(tree) if isinstance(tree, dict) else None}, [{joined}])"

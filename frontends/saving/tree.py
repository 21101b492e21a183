"""State as it is saved: arrays by name, and the dicts, lists and numbers around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import Any, NamedTuple

import numpy as np
from diptych.ir import DiptychError

MAX_DEPTH = 64


class Leaf(NamedTuple):
    """An array of numpy's or jax's, and whether it was a tensor of the eager front end."""

    array: Any
    is_tensor: bool


def flattened(tree: Any) -> tuple[Any, dict[str, Leaf]]:
    """The tree with names in place of arrays, as JSON can hold it, and the arrays by name. Raises DiptychError for what
    is no array, number, text, list, tuple or dict."""
    leaves: dict[str, Leaf] = {}
    return _flattened(tree, "", leaves, 0), leaves


def _flattened(tree: Any, path: str, leaves: dict[str, Leaf], depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise DiptychError(f"{_where(path)} lies more than {MAX_DEPTH} deep")
    if tree is None or isinstance(tree, (bool, int, float, str)):
        return {"value": tree}
    if isinstance(tree, Mapping):
        for key in tree:
            if not isinstance(key, (str, int)) or isinstance(key, bool):
                raise DiptychError(f"{_where(path)} has key {key!r} but must have texts or numbers")
        return {"dict": [[key, _flattened(each, f"{path}/{key}", leaves, depth + 1)] for key, each in tree.items()]}
    if isinstance(tree, (list, tuple)):
        parts = [_flattened(each, f"{path}/{place}", leaves, depth + 1) for place, each in enumerate(tree)]
        return {"tuple" if isinstance(tree, tuple) else "list": parts}
    is_tensor = hasattr(tree, "_array")
    array = tree._array() if is_tensor else np.asarray(tree) if isinstance(tree, np.generic) else tree
    if not isinstance(array, np.ndarray) and not hasattr(array, "addressable_shards"):
        raise DiptychError(f"{_where(path)} is of type {type(tree).__name__}, which is not saved")
    name = path.lstrip("/") or "state"
    while name in leaves:  # keys may have slashes
        name += "'"
    leaves[name] = Leaf(array, is_tensor)
    return {"tensor" if is_tensor else "array": name}


def _where(path: str) -> str:
    return f"save_checkpoint: {path.lstrip('/') or 'the state'}"


def _is_item(content: Any) -> bool:
    return isinstance(content, list) and len(content) == 2 and isinstance(content[0], (str, int))


def rebuilt(
    tree: Any, names: Set[str], array_of: Callable[[str, object, bool], Any], key: object = None, depth: int = 0
) -> Any:
    """What `flattened` was given: with `array_of(name, key, is_tensor)` for each of the arrays of these names, where
    `key` is what it stands under in a dict, if it does. Tensors are the eager front end's. Raises DiptychError for a
    tree that `flattened` does not make."""
    if depth > MAX_DEPTH or not isinstance(tree, dict) or len(tree) != 1:
        raise DiptychError("load_checkpoint: its state is not as save_checkpoint writes it")
    ((kind, content),) = tree.items()
    if kind == "value" and (content is None or isinstance(content, (bool, int, float, str))):
        return content
    if kind == "dict" and isinstance(content, list) and all(map(_is_item, content)):
        return {key: rebuilt(each, names, array_of, key, depth + 1) for key, each in content}
    if kind in ("list", "tuple") and isinstance(content, list):
        parts = [rebuilt(each, names, array_of, None, depth + 1) for each in content]
        return parts if kind == "list" else tuple(parts)
    if kind in ("array", "tensor") and isinstance(content, str) and content in names:
        if kind == "array":
            return array_of(content, key, False)
        from ..eager.tensors.data import from_array

        return from_array(array_of(content, key, True))
    raise DiptychError("load_checkpoint: its state is not as save_checkpoint writes it")

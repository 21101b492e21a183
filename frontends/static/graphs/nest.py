"""Nested structures: lists, tuples, named tuples and dictionaries of things.

A composite is one thing made of several tensors, such as tf.SparseTensor. It is a leaf, unless a function is asked to
expand composites. Its class has two methods: `_components()` gives its tensors, and `_rebuilt(items)` a composite of as
many others, or where these are arrays its named tuple of values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any


def is_nested(structure: Any) -> bool:
    """Whether `structure` holds others."""
    return isinstance(structure, list | tuple | Mapping)


def is_composite(thing: Any) -> bool:
    """Whether `thing` is made of several tensors."""
    return hasattr(type(thing), "_components")


def children(structure: Any) -> list[Any]:
    """What a structure holds, of a dictionary its values by sorted keys where they can be sorted."""
    if isinstance(structure, Mapping):
        return [structure[key] for key in sorted_keys(structure)]
    return list(structure)


def sorted_keys(mapping: Mapping[Any, Any]) -> list[Any]:
    """The keys in order; in the order of the dictionary where they have none."""
    try:
        return sorted(mapping)
    except TypeError:
        return list(mapping)


def flatten(structure: Any, *, expand_composites: bool = False) -> list[Any]:
    """The leaves of a structure in order; the structure itself where it is one."""
    if is_nested(structure):
        return [leaf for child in children(structure) for leaf in flatten(child, expand_composites=expand_composites)]
    return structure._components() if expand_composites and is_composite(structure) else [structure]


def rebuild(structure: Any, leaf: Callable[[Any], Any], *, expand_composites: bool = False) -> Any:
    """A structure like this one, each leaf replaced by what `leaf` makes of it, asked in the order of `flatten`."""

    def again(child: Any) -> Any:
        return rebuild(child, leaf, expand_composites=expand_composites)

    if isinstance(structure, Mapping):
        return like_mapping(structure, again)
    if isinstance(structure, list | tuple):
        return like(structure, [again(child) for child in structure])
    if expand_composites and is_composite(structure):
        return structure._rebuilt([leaf(component) for component in structure._components()])
    return leaf(structure)


def like_mapping(structure: Any, change: Callable[[Any], Any]) -> Any:
    """A dictionary like this one of changed values, which are asked for by sorted keys."""
    made = {key: change(structure[key]) for key in sorted_keys(structure)}
    pairs = [(key, made[key]) for key in structure]
    if hasattr(structure, "default_factory"):
        return type(structure)(structure.default_factory, pairs)
    return type(structure)(pairs)


def like(structure: Any, items: list[Any]) -> Any:
    """`items` in a list, tuple or named tuple of the type of `structure`."""
    if isinstance(structure, tuple) and hasattr(structure, "_fields"):
        return type(structure)(*items)
    return items if isinstance(structure, list) else tuple(items)


def pack_as(structure: Any, leaves: Iterator[Any], *, expand_composites: bool = False) -> Any:
    """A structure like this one with other leaves, taken in the order of `flatten`."""
    return rebuild(structure, lambda _: next(leaves), expand_composites=expand_composites)


def is_same_structure(left: Any, right: Any) -> bool:
    """Whether two structures hold leaves at the same places, in lists, tuples and dictionaries of the same kinds."""
    if is_nested(left) != is_nested(right):
        return False
    if not is_nested(left):
        return True
    if isinstance(left, Mapping) != isinstance(right, Mapping):
        return False
    if isinstance(left, Mapping):
        return left.keys() == right.keys() and all(is_same_structure(left[key], right[key]) for key in left)
    return type(left) is type(right) and len(left) == len(right) and all(map(is_same_structure, left, right))


def flatten_up_to(structure: Any, deeper: Any) -> list[Any]:
    """What `deeper` holds where `structure` has its leaves. Raises ValueError where it has no such places."""
    if not is_nested(structure):
        return [deeper]
    inner, wanted = children(deeper) if is_nested(deeper) else [], children(structure)
    if len(inner) != len(wanted):
        raise ValueError(f"The two structures don't have the same nested structure: {structure} and {deeper}.")
    return [leaf for child, below in zip(wanted, inner, strict=True) for leaf in flatten_up_to(child, below)]

"""What the attributes of operations are: known from how lowerings annotate them, and from defaults."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from ..graphs.definitions import DEFINITIONS
from ..graphs.dtypes import DType
from ..graphs.shapes import TensorShape, as_shape
from .forms import form_of


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_type(value: Any) -> bool:
    return isinstance(value, DType) and not value._is_ref_dtype


def _all(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, tuple) and all(map(check, value))


_CHECKS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "bool": ("bool", lambda value: isinstance(value, bool)),
    "int": ("int", _is_integer),
    "float": ("float", lambda value: isinstance(value, float)),
    "str": ("string", lambda value: isinstance(value, str)),
    "DType": ("type", _is_type),
    "TensorShape": ("shape", lambda value: isinstance(value, TensorShape)),
    "tuple[int, ...]": ("list(int)", _all(_is_integer)),
    "Numbers": ("list(int)", _all(_is_integer)),
    "tuple[DType, ...]": ("list(type)", _all(_is_type)),
    "Sequence[Any]": ("list(type)", _all(_is_type)),
    "Shapes": ("list(shape)", _all(lambda value: isinstance(value, TensorShape))),
    "tensor": ("tensor", lambda value: isinstance(value, np.ndarray)),
}
_BY_DEFAULT = {bool: "bool", int: "int", float: "float", str: "str"}
_BY_NAME = {"component_types": "tuple[DType, ...]", "Tcomponents": "tuple[DType, ...]", "value": "tensor"}


@cache
def kind_of(type: str, key: str) -> str:
    """How an attribute is annotated, "" where nothing says what it is."""
    definition = DEFINITIONS[type]
    for function in (definition.lower, definition.host):
        found = None if function is None else inspect.signature(function).parameters.get(key)
        if found is not None and found.kind is inspect.Parameter.KEYWORD_ONLY:
            if found.annotation in _CHECKS:
                return str(found.annotation)
            break
    default = definition.attributes.get(key)
    return _BY_NAME.get(key) or _BY_DEFAULT.get(default.__class__, "")


def is_float(type: str, key: str) -> bool:
    """Whether an attribute is a number that may have a fraction."""
    return kind_of(type, key) == "float"


def in_files(type: str, key: str, value: Any) -> Any:
    """An attribute as files have it: shapes in lists as shapes."""
    return tuple(map(as_shape, value)) if kind_of(type, key) == "Shapes" else value


def in_definitions(type: str, key: str, value: Any) -> Any:
    """An attribute as definitions have it, of the right kind."""
    return tuple(shape.known for shape in value) if kind_of(type, key) == "Shapes" else value


def misfit(type: str, key: str, value: Any) -> str | None:
    """The kind that an attribute must be of, in TensorFlow's words, where `value` is of another; else None."""
    check = _CHECKS.get(kind_of(type, key))
    return None if check is None or check[1](value) else check[0]


@cache
def defaults_of(type: str) -> dict[str, Any]:
    """The defaults of a type's attributes under the names that they have in files."""
    definition = DEFINITIONS.get(type)
    if definition is None:
        return {}
    found = {key: value for key, value in definition.attributes.items() if value is not inspect.Parameter.empty}
    form = form_of(type)
    own = {form.renamed.get(key, key): value for key, value in found.items() if key not in form.less}
    return {**own, **form.more, **form.defaults}

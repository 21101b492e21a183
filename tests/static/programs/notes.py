"""Takes notes of what a program shows: values with their types as data that JSON holds, errors by their class.

A program is a function of `tf`, diptych or the real framework, and of `note`, which takes what is seen. It begins with an
empty default graph. What TensorFlow leaves open, such as the order of a read and an assignment that nothing orders, is
not noted; nor are integers out of a type's range, which TensorFlow wraps and diptych refuses.
"""

from __future__ import annotations

import collections
import importlib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np

Note = Callable[[str, Any], None]  # a label, and a value or a function that gives it or raises
FOLDER = Path(__file__).parent / "noted"  # what the real framework showed, a file a module
_OTHERS = ("computing", "make_tensorflow_notes", "notes", "test_tensorflow_notes")
PARTS = [
    path.stem for path in sorted(FOLDER.parent.glob("[a-z]*.py")) if path.stem not in _OTHERS
]  # modules of programs
Pair = collections.namedtuple("Pair", "first second")


def programs_of(part: str) -> list[Callable[[Any, Note], None]]:
    """The programs of a module."""
    return importlib.import_module(f"tests.static.programs.{part}").PROGRAMS


def described(*things: Any) -> list[list[str]]:
    """Name, static shape and dtype of tensors and variables, name and type of operations."""
    return [
        [thing.name, str(thing.shape), repr(thing.dtype)] if hasattr(thing, "dtype") else [thing.name, thing.type]
        for thing in things
    ]


def taken(tf: Any, program: Callable[[Any, Note], None]) -> dict[str, Any]:
    """The notes of `program`, by label; labels that come again get a number."""
    found: dict[str, Any] = {}

    def note(label: str, value: Any) -> None:
        while label in found:
            label += "'"
        try:
            found[label] = plain(value() if callable(value) and not hasattr(value, "op") else value)
        except Exception as error:  # whichever: its class is what is noted
            found[label] = f"raises {type(error).__name__}"

    tf.reset_default_graph()
    program(tf, note)
    return found


def worded(note: Note, but: Collection[str] = ()) -> Note:
    """A note that takes down what an error says as well, of an operation's its first line; not for the labels `but`,
    where versions of the framework say it differently."""

    def note_with_words(label: str, value: Any) -> None:
        def made() -> Any:
            try:
                return value()
            except Exception as error:  # whichever: what it says is what is noted
                text = getattr(error, "message", None) or str(error)
                said.append(text.partition("\nNode: ")[2].partition("\n")[2] or text)  # TensorFlow says where first
                raise

        said: list[str] = []
        note(label, made if callable(value) else value)
        if said and label not in but:
            note(f"{label}: words", said[0].splitlines()[0])

    return note_with_words


def plain(value: Any) -> Any:
    """`value` as lists, dictionaries, numbers and text, with the types of what it was."""
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        numbers = [_number(item) for item in array.reshape(-1).tolist()]
        kind = "array" if isinstance(value, np.ndarray) else "scalar"
        return {"kind": kind, "dtype": str(array.dtype), "shape": list(array.shape), "elements": numbers}
    if isinstance(value, bytes):
        return {"kind": "bytes", "elements": value.decode()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, tuple):
        return {"kind": type(value).__name__, "elements": [plain(item) for item in value]}
    if isinstance(value, Mapping):
        return {"kind": type(value).__name__, "elements": [[plain(key), plain(item)] for key, item in value.items()]}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return f"a {type(value).__name__}"


def _number(item: Any) -> Any:
    if isinstance(item, complex):
        return [_number(item.real), _number(item.imag)]
    if isinstance(item, float):
        return float(f"{item:.6g}") if np.isfinite(item) else str(item)
    return item.decode() if isinstance(item, bytes) else item


def differences(found: Any, wanted: Any, place: str = "") -> list[str]:
    """Where two notes differ, numbers by more than 1e-4 of their size."""
    if isinstance(found, float) and isinstance(wanted, float):
        return [] if abs(found - wanted) <= 1e-6 + 1e-4 * abs(wanted) else [f"{place}: {found} is not {wanted}"]
    if isinstance(found, dict) and isinstance(wanted, dict) and found.keys() == wanted.keys():
        return [line for key in found for line in differences(found[key], wanted[key], f"{place}.{key}")]
    if isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        pairs = enumerate(zip(found, wanted, strict=True))
        return [line for number, pair in pairs for line in differences(*pair, f"{place}[{number}]")]
    return [] if found == wanted and type(found) is type(wanted) else [f"{place}: {found!r} is not {wanted!r}"]

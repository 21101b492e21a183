"""Reads pickled plain data without unpickling: an allow-list of opcodes, none of which imports or calls anything.

CIFAR's batches and the lists in keras's files are pickles of dicts, lists, strings, numbers and arrays of them, in
protocols 2 to 5. Arrays and coded bytes are pickled as calls; the few that occur are known by name and done here. All
else is refused.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any

import numpy as np

_MAX_DEPTH = 100
_MAX_NUMBER = 16  # bytes of a long integer
_DTYPES = {f"{kind}{size}" for kind, sizes in {"u": "1248", "i": "1248", "f": "248"}.items() for size in sizes} | {"b1"}

_MARK = object()


class Refused(ValueError):
    """What is no pickle of plain data."""


class _Known:
    """Something that a pickle may name."""

    def __init__(self, name: str) -> None:
        self.name = name


class _Array:
    """An array whose shape and data come later."""

    def __init__(self) -> None:
        self.value: np.ndarray | None = None


class _DType:
    """A dtype whose byte order comes later."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.order = "|"

    def numpy(self) -> np.dtype:
        """The dtype itself."""
        return np.dtype(object) if self.code in ("O8", "O") else np.dtype(self.order.replace("|", "=") + self.code)


_KNOWN = {
    (module, name): _Known(name)
    for module, name in (
        ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"),
        ("numpy.core.multiarray", "scalar"), ("numpy._core.multiarray", "scalar"),
        ("numpy.core.numeric", "_frombuffer"), ("numpy._core.numeric", "_frombuffer"),
        ("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode"), ("__builtin__", "bytes"),
    )
}  # fmt: skip


def read_plain(data: bytes) -> Any:
    """The dicts, lists, tuples, strings, numbers and arrays in the pickle `data`; strings of Python 2 as latin-1.

    Time and memory stay in proportion to the length of `data`, however often it refers to its own parts. Raises Refused
    for whatever else it may hold, and where it is damaged.
    """
    try:
        return _Reader(data).run()
    except (IndexError, KeyError, OverflowError, TypeError, UnicodeError, ValueError, struct.error) as error:
        if isinstance(error, Refused):
            raise
        raise Refused(f"it is damaged ({type(error).__name__})") from error


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.left = 3 * len(data)  # what may yet be copied, so that no part is copied again and again

    def run(self) -> Any:
        data, stack = self.data, self.stack
        while (code := self.take(1)) != b".":
            if code == b"M" and self.at + 2 <= len(data):  # most of a list of numbers of words: quickly
                stack.append(data[self.at] | data[self.at + 1] << 8)
                self.at += 2
                continue
            action = _TABLE.get(code)
            if action is None:
                raise Refused(f"opcode {code!r} is not of plain data")
            action(self)
        self.left = len(self.data)
        return self.finished(self.stack.pop())

    def spend(self, count: int) -> None:
        """Notes that `count` items or bytes are copied."""
        self.left -= count
        if self.left < 0:
            raise Refused("it refers to its own parts too often")

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        end = self.at + count
        if count < 0 or end > len(self.data):
            raise Refused("it is cut short")
        part = self.data[self.at : end]
        self.at = end
        return part

    def number(self, form: str, size: int) -> int:
        """The next number."""
        return struct.unpack(form, self.take(size))[0]

    def line(self) -> str:
        """The rest of a line."""
        end = self.data.find(b"\n", self.at, self.at + 1000)
        if end < 0:
            raise Refused("it is cut short")
        part = self.data[self.at : end]
        self.at = end + 1
        return part.decode("ascii")

    def since_mark(self) -> list[Any]:
        """What lies above the last mark, taken off with it."""
        for place in range(len(self.stack) - 1, -1, -1):
            if self.stack[place] is _MARK:
                items = self.stack[place + 1 :]
                del self.stack[place:]
                return items
        raise Refused("a mark is missing")

    def name(self, module: str, name: str) -> None:
        """Pushes what is known by that name."""
        known = _KNOWN.get((module, name))
        if known is None:
            raise Refused(f"it names {module}.{name}, which is not of plain data")
        self.stack.append(known)

    def put(self, items: list[Any]) -> None:
        """Adds pairs to the dict on top."""
        target = self.stack[-1]
        if type(target) is not dict or len(items) % 2:
            raise Refused("it is damaged (pairs)")
        for key, value in zip(items[::2], items[1::2], strict=True):
            if type(key) not in (str, bytes, int):
                raise Refused("a key of a dict is no string")
            target[key] = value

    def extend(self, items: list[Any]) -> None:
        """Adds items to the list on top."""
        target = self.stack[-1]
        if type(target) is not list:
            raise Refused("it is damaged (items)")
        target.extend(items)

    def call(self) -> None:
        """Does what a known name stands for."""
        arguments, known = self.stack.pop(), self.stack.pop()
        if not isinstance(known, _Known) or type(arguments) is not tuple:
            raise Refused("it calls what is not of plain data")
        self.stack.append(_CALLS[known.name](self, *arguments))

    def build(self) -> None:
        """Gives an array its shape and data, or a dtype its byte order."""
        state = self.stack.pop()
        target = self.stack[-1]
        if isinstance(target, _DType):
            if state[1] not in ("<", ">", "|", "=") or state[2] is not None or state[3] is not None:
                raise Refused("a dtype is not of plain numbers")
            target.order = state[1]
        elif isinstance(target, _Array):
            target.value = self.array(state)
        else:
            raise Refused("it builds what is not of plain data")

    def array(self, state: tuple[Any, ...]) -> np.ndarray:
        """The array of a pickled state: (version, shape, dtype, whether columns come first, data)."""
        _, shape, dtype, by_columns, content = state
        if type(shape) is not tuple or any(type(size) is not int or size < 0 for size in shape) or len(shape) > 8:
            raise Refused("an array has no shape")
        if not isinstance(dtype, _DType):
            raise Refused("an array has no dtype")
        found = dtype.numpy()
        count = math.prod(shape)
        if found.hasobject:
            if type(content) is not list or len(content) != count:
                raise Refused("an array does not fit its shape")
            self.spend(count)
            filled = np.empty(count, object)
            for place, item in enumerate(content):
                filled[place] = item
            return filled.reshape(shape)
        if isinstance(content, str):
            content = content.encode("latin1")
        if type(content) not in (bytes, bytearray) or len(content) != count * found.itemsize:
            raise Refused("an array does not fit its shape")
        self.spend(len(content))
        return np.frombuffer(content, found).reshape(shape, order="F" if by_columns else "C").copy()

    def finished(self, value: Any, depth: int = 0) -> Any:
        """The value with its arrays in place. Raises Refused where it is nested too deeply, as in itself."""
        if depth > _MAX_DEPTH:
            raise Refused("it is nested too deeply")
        self.spend(1)
        kind = type(value)
        if kind in (str, bytes, int, float, bool, type(None)) or isinstance(value, np.generic):
            return value
        if kind is _Array:
            return self.finished_array(value.value, depth)
        if kind is list and set(map(type, value)) <= {int, str}:
            self.spend(len(value))
            return value
        if kind in (list, tuple):
            return kind([self.finished(item, depth + 1) for item in value])
        if kind is dict:
            return {key: self.finished(item, depth + 1) for key, item in value.items()}
        raise Refused("it holds what is not of plain data")

    def finished_array(self, array: np.ndarray | None, depth: int) -> np.ndarray:
        """The array, its items finished where they are objects."""
        if array is None:
            raise Refused("an array has no data")
        if array.dtype.hasobject:
            flat = array.reshape(-1)
            for place in range(len(flat)):
                flat[place] = self.finished(flat[place], depth + 1)
        return array


def _reconstruct(_reader: _Reader, kind: Any, shape: Any, code: Any) -> _Array:
    if not isinstance(kind, _Known) or kind.name != "ndarray":
        raise Refused("it calls what is not of plain data")
    return _Array()


def _from_buffer(reader: _Reader, content: Any, dtype: Any, shape: Any, order: Any) -> _Array:
    made = _Array()
    made.value = reader.array((1, shape, dtype, order == "F", content))
    return made


def _dtype(_reader: _Reader, code: Any, *_: Any) -> _DType:
    if code not in _DTYPES and code not in ("O8", "O"):
        raise Refused(f"dtype {code!r} is not of plain numbers")
    return _DType(code)


def _scalar(_reader: _Reader, dtype: Any, data: Any) -> Any:
    if not isinstance(dtype, _DType) or dtype.code in ("O8", "O"):
        raise Refused("a number has no dtype")
    (found,) = np.frombuffer(data.encode("latin1") if isinstance(data, str) else data, dtype.numpy())
    return found


def _encode(reader: _Reader, text: Any, encoding: Any = "utf-8") -> bytes:
    if type(text) is not str or encoding not in ("latin1", "utf-8", "ascii"):
        raise Refused("it calls what is not of plain data")
    reader.spend(len(text))
    return text.encode(encoding)


def _no_bytes(_reader: _Reader) -> bytes:
    return b""


_CALLS: dict[str, Callable[..., Any]] = {
    "_reconstruct": _reconstruct, "_frombuffer": _from_buffer, "dtype": _dtype, "scalar": _scalar, "encode": _encode,
    "bytes": _no_bytes,
}  # fmt: skip


# -- one action an opcode ----


def _constant(value: Any) -> Callable[[_Reader], None]:
    return lambda r: r.stack.append(value)


def _integer(form: str, size: int) -> Callable[[_Reader], None]:
    return lambda r: r.stack.append(r.number(form, size))


def _text(form: str, size: int, encoding: str = "utf-8") -> Callable[[_Reader], None]:
    return lambda r: r.stack.append(r.take(r.number(form, size)).decode(encoding))


def _raw(form: str, size: int) -> Callable[[_Reader], None]:
    return lambda r: r.stack.append(r.take(r.number(form, size)))


def _long(r: _Reader) -> None:
    size = r.number("<B", 1)
    if size > _MAX_NUMBER:
        raise Refused("a number is too long")
    r.stack.append(int.from_bytes(r.take(size), "little", signed=True))


def _tuple(count: int) -> Callable[[_Reader], None]:
    def action(r: _Reader) -> None:
        if len(r.stack) < count:
            raise Refused("it is damaged (tuple)")
        items = tuple(r.stack[-count:])
        del r.stack[-count:]
        r.stack.append(items)

    return action


def _append(r: _Reader) -> None:
    item = r.stack.pop()
    r.extend([item])


def _set_item(r: _Reader) -> None:
    value, key = r.stack.pop(), r.stack.pop()
    r.put([key, value])


def _named(r: _Reader) -> None:
    name, module = r.stack.pop(), r.stack.pop()
    r.name(module, name)


def _memoized(place: Callable[[_Reader], int]) -> Callable[[_Reader], None]:
    def action(r: _Reader) -> None:
        r.memo[place(r)] = r.stack[-1]

    return action


def _recalled(form: str, size: int) -> Callable[[_Reader], None]:
    return lambda r: r.stack.append(r.memo[r.number(form, size)])


def _protocol(r: _Reader) -> None:
    if r.number("<B", 1) > 5:
        raise Refused("its protocol is unknown")


_TABLE: dict[bytes, Callable[[_Reader], None]] = {
    b"\x80": _protocol, b"\x95": lambda r: r.take(8), b"(": _constant(_MARK),
    b"N": _constant(None), b"\x88": _constant(True), b"\x89": _constant(False),
    b"K": _integer("<B", 1), b"M": _integer("<H", 2), b"J": _integer("<i", 4), b"G": _integer(">d", 8),
    b"\x8a": _long,
    b"U": _text("<B", 1, "latin1"), b"T": _text("<i", 4, "latin1"),
    b"X": _text("<I", 4), b"\x8c": _text("<B", 1), b"\x8d": _text("<Q", 8),
    b"C": _raw("<B", 1), b"B": _raw("<I", 4), b"\x8e": _raw("<Q", 8),
    b"\x96": lambda r: r.stack.append(bytearray(r.take(r.number("<Q", 8)))),
    b"]": lambda r: r.stack.append([]), b"}": lambda r: r.stack.append({}), b")": _constant(()),
    b"t": lambda r: r.stack.append(tuple(r.since_mark())),
    b"\x85": _tuple(1), b"\x86": _tuple(2), b"\x87": _tuple(3),
    b"a": _append, b"e": lambda r: r.extend(r.since_mark()), b"s": _set_item, b"u": lambda r: r.put(r.since_mark()),
    b"q": _memoized(lambda r: r.number("<B", 1)), b"r": _memoized(lambda r: r.number("<I", 4)),
    b"\x94": _memoized(lambda r: len(r.memo)),
    b"h": _recalled("<B", 1), b"j": _recalled("<I", 4),
    b"c": lambda r: r.name(r.line(), r.line()), b"\x93": _named, b"R": lambda r: r.call(), b"b": lambda r: r.build(),
}  # fmt: skip

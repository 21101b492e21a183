"""The interpreter of opcodes. By itself it imports and calls nothing: a policy says what names stand for."""

from __future__ import annotations

import struct
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Any

_MAX_NUMBER = 16  # bytes of a long integer
_KEYS = (str, bytes, int, float, bool, type(None))
_MARK = object()


class Refused(ValueError):
    """What a pickle may not hold."""


class Machine:
    """Runs one pickle in protocols 2 to 5. A policy is a subclass that answers `named`, `called`, `made`, `built` and
    `persistent`; without answers these are refused.

    Time and memory stay in proportion to the length of the data: what is copied is noted by `spend`.
    """

    text_encoding = "latin1"  # of the strings of Python 2
    dict_types: tuple[type, ...] = (dict, OrderedDict, Counter)

    def __init__(self, data: bytes | memoryview, at: int = 0) -> None:
        self.data = data
        self.at = at
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.left = 3 * len(data)  # what may yet be copied, so that no part is copied again and again

    def run(self) -> Any:
        """The value; `at` is behind the pickle then. Raises Refused, also where the pickle is damaged."""
        try:
            return self._run()
        except (AttributeError, IndexError, KeyError, OverflowError, TypeError, UnicodeError, ValueError) as error:
            if isinstance(error, Refused):
                raise
            raise Refused(f"it is damaged ({type(error).__name__})") from error
        except struct.error as error:
            raise Refused("it is damaged (number)") from error

    def _run(self) -> Any:
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
        return stack.pop()

    # -- what a policy answers ----

    def named(self, module: str, name: str) -> Any:
        """What a name stands for."""
        raise Refused(f"it names {module}.{name}, which is not of plain data")

    def called(self, function: Any, arguments: tuple[Any, ...]) -> Any:
        """What a call of something named gives."""
        raise Refused("it calls what is not of plain data")

    def made(self, kind: Any, arguments: tuple[Any, ...]) -> Any:
        """A new object of a class that was named."""
        raise Refused("it makes what is not of plain data")

    def built(self, target: Any, state: Any) -> None:
        """Gives an object its state."""
        raise Refused("it builds what is not of plain data")

    def persistent(self, identity: Any) -> Any:
        """What lies outside of the pickle."""
        raise Refused("it refers to what is outside of it")

    # -- reading ----

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
        return bytes(part)

    def number(self, form: str, size: int) -> int:
        """The next number."""
        return struct.unpack(form, self.take(size))[0]

    def line(self) -> str:
        """The rest of a line."""
        part = bytes(self.data[self.at : self.at + 1000])
        end = part.find(b"\n")
        if end < 0:
            raise Refused("it is cut short")
        self.at += end + 1
        return part[:end].decode("ascii")

    # -- the stack ----

    def since_mark(self) -> list[Any]:
        """What lies above the last mark, taken off with it."""
        for place in range(len(self.stack) - 1, -1, -1):
            if self.stack[place] is _MARK:
                items = self.stack[place + 1 :]
                del self.stack[place:]
                return items
        raise Refused("a mark is missing")

    def put(self, items: list[Any]) -> None:
        """Adds pairs to the dict on top."""
        target = self.stack[-1]
        if type(target) not in self.dict_types or len(items) % 2:
            raise Refused("it is damaged (pairs)")
        for key, value in zip(items[::2], items[1::2], strict=True):
            self.check_key(key)
            target[key] = value

    def check_key(self, key: Any) -> None:
        """Raises Refused for what may be no key: hashing what is nested takes for ever."""
        if type(key) not in _KEYS and not (type(key) is tuple and all(type(each) in _KEYS for each in key)):
            raise Refused("a key of a dict is no string")

    def extend(self, items: list[Any]) -> None:
        """Adds items to the list on top."""
        target = self.stack[-1]
        if type(target) is not list:
            raise Refused("it is damaged (items)")
        target.extend(items)

    def add(self, items: list[Any]) -> None:
        """Adds items to the set on top."""
        target = self.stack[-1]
        if type(target) is not set:
            raise Refused("it is damaged (items)")
        for item in items:
            self.check_key(item)
        target.update(items)


# -- one action an opcode ----


def _constant(value: Any) -> Callable[[Machine], None]:
    return lambda m: m.stack.append(value)


def _integer(form: str, size: int) -> Callable[[Machine], None]:
    return lambda m: m.stack.append(m.number(form, size))


def _text(form: str, size: int) -> Callable[[Machine], None]:
    return lambda m: m.stack.append(m.take(m.number(form, size)).decode("utf-8", "surrogatepass"))


def _old_text(form: str, size: int) -> Callable[[Machine], None]:
    def action(m: Machine) -> None:
        content = m.take(m.number(form, size))
        m.stack.append(content if m.text_encoding == "bytes" else content.decode(m.text_encoding))

    return action


def _raw(form: str, size: int) -> Callable[[Machine], None]:
    return lambda m: m.stack.append(m.take(m.number(form, size)))


def _long(m: Machine) -> None:
    size = m.number("<B", 1)
    if size > _MAX_NUMBER:
        raise Refused("a number is too long")
    m.stack.append(int.from_bytes(m.take(size), "little", signed=True))


def _tuple(count: int) -> Callable[[Machine], None]:
    def action(m: Machine) -> None:
        if len(m.stack) < count or any(item is _MARK for item in m.stack[-count:]):
            raise Refused("it is damaged (tuple)")
        items = tuple(m.stack[-count:])
        del m.stack[-count:]
        m.stack.append(items)

    return action


def _append(m: Machine) -> None:
    item = m.stack.pop()
    m.extend([item])


def _set_item(m: Machine) -> None:
    value, key = m.stack.pop(), m.stack.pop()
    m.put([key, value])


def _frozen(m: Machine) -> None:
    items = m.since_mark()
    for item in items:
        m.check_key(item)
    m.stack.append(frozenset(items))


def _named(m: Machine) -> None:
    name, module = m.stack.pop(), m.stack.pop()
    if type(module) is not str or type(name) is not str:
        raise Refused("it is damaged (name)")
    m.stack.append(m.named(module, name))


def _call(m: Machine) -> None:
    arguments, function = m.stack.pop(), m.stack.pop()
    if type(arguments) is not tuple:
        raise Refused("it calls what is not of plain data")
    m.stack.append(m.called(function, arguments))


def _make(m: Machine) -> None:
    arguments, kind = m.stack.pop(), m.stack.pop()
    if type(arguments) is not tuple:
        raise Refused("it makes what is not of plain data")
    m.stack.append(m.made(kind, arguments))


def _build(m: Machine) -> None:
    state = m.stack.pop()
    m.built(m.stack[-1], state)


def _memoized(place: Callable[[Machine], int]) -> Callable[[Machine], None]:
    def action(m: Machine) -> None:
        m.memo[place(m)] = m.stack[-1]

    return action


def _recalled(form: str, size: int) -> Callable[[Machine], None]:
    return lambda m: m.stack.append(m.memo[m.number(form, size)])


def _protocol(m: Machine) -> None:
    if m.number("<B", 1) > 5:
        raise Refused("its protocol is unknown")


_TABLE: dict[bytes, Callable[[Machine], None]] = {
    b"\x80": _protocol, b"\x95": lambda m: m.take(8), b"(": _constant(_MARK),
    b"N": _constant(None), b"\x88": _constant(True), b"\x89": _constant(False),
    b"K": _integer("<B", 1), b"M": _integer("<H", 2), b"J": _integer("<i", 4), b"G": _integer(">d", 8),
    b"\x8a": _long,
    b"U": _old_text("<B", 1), b"T": _old_text("<i", 4),
    b"X": _text("<I", 4), b"\x8c": _text("<B", 1), b"\x8d": _text("<Q", 8),
    b"C": _raw("<B", 1), b"B": _raw("<I", 4), b"\x8e": _raw("<Q", 8),
    b"\x96": lambda m: m.stack.append(bytearray(m.take(m.number("<Q", 8)))),
    b"]": lambda m: m.stack.append([]), b"}": lambda m: m.stack.append({}), b")": _constant(()),
    b"\x8f": lambda m: m.stack.append(set()), b"\x90": lambda m: m.add(m.since_mark()), b"\x91": _frozen,
    b"t": lambda m: m.stack.append(tuple(m.since_mark())),
    b"\x85": _tuple(1), b"\x86": _tuple(2), b"\x87": _tuple(3),
    b"a": _append, b"e": lambda m: m.extend(m.since_mark()), b"s": _set_item, b"u": lambda m: m.put(m.since_mark()),
    b"q": _memoized(lambda m: m.number("<B", 1)), b"r": _memoized(lambda m: m.number("<I", 4)),
    b"\x94": _memoized(lambda m: len(m.memo)),
    b"h": _recalled("<B", 1), b"j": _recalled("<I", 4),
    b"c": lambda m: m.stack.append(m.named(m.line(), m.line())), b"\x93": _named, b"R": _call, b"\x81": _make,
    b"b": _build, b"Q": lambda m: m.stack.append(m.persistent(m.stack.pop())),
}  # fmt: skip
